/**
 * What every merge method has to fulfil, checked by running it: ours in the tests, one's own wherever it is written.
 *
 * ```ts
 * checkMethod(average, { parameters: { weight: 0.5 } });
 * ```
 */
import type { StorageType } from '../checkpoint/safetensors/write.ts';
import { GateError } from '../errors.ts';
import { stream } from '../random/stream.ts';
import { elementCount } from '../tensor/element-type.ts';
import { float32ToBfloat16, float32ToFloat16 } from '../tensor/half.ts';
import { valuesOf } from './kernels/elements.ts';
import type { AnyMergeMethod, Compatibility, Scalar } from './method.ts';
import { runMethod } from './run-method.ts';
import type { GivenTensor } from './stream/job.ts';

export interface CheckOptions {
  /** Values for the method's parameters, those of models and of the whole; the defaults fill what is left out. */
  readonly parameters?: Readonly<Record<string, Scalar>>;
  /** How far the merge of models that equal the base may be from it, in steps of float32. Default 2. */
  readonly equalSteps?: number;
}

/** Matrices with rows of odd lengths and of several pieces, vectors, single elements, nothing. */
const shapes: readonly (readonly number[])[] = [[2, 3], [37, 129], [70, 64], [3, 2, 5], [1], [513], [9, 1], [0, 4]];

/** @throws GateError naming the tensor and what the method does wrong with it */
export function checkMethod(method: AnyMergeMethod, options: CheckOptions = {}): void {
  const compats: readonly Compatibility[] = method.paper === undefined ? ['mergekit'] : ['mergekit', 'paper'];
  for (const compat of compats) {
    for (const shape of shapes) checkTensor(method, shape, compat, options);
  }
}

function checkTensor(
  method: AnyMergeMethod,
  shape: readonly number[],
  compat: Compatibility,
  { parameters = {}, equalSteps = 2 }: CheckOptions,
): void {
  const count = Math.min(method.models[1], Math.max(method.models[0], 3));
  const base = numbers(shape, 0);
  const models = Array.from({ length: count }, (_, i) =>
    numbers(shape, i + 1).map((delta, j) => base[j] + 0.1 * delta),
  );
  const common = {
    shape,
    compat,
    ...(method.base !== 'none' && { base }),
    parameters: models.map(() => parameters),
    settings: parameters,
  };
  const refuse = (found: string, expected: string): GateError =>
    new GateError({
      field: `method ${method.name} (${compat}), tensor [${shape}]`,
      found,
      expected,
      fix: 'Correct the method.',
    });
  const run = { ...common, models };
  const { values } = runMethod(method, run);
  const odd = values.findIndex((value) => !Number.isFinite(value));
  if (odd >= 0) throw refuse(`${values[odd]} at element ${odd}`, 'finite results of finite weights');
  if (!sameBits(values, runMethod(method, run).values)) throw refuse('another result the second time', 'the same bits');
  for (const pieceLength of [64, 128, 2 ** 20]) {
    const cut = runMethod(method, { ...run, pieceLength }).values;
    if (sameBits(values, cut)) continue;
    throw refuse(`another result in pieces of ${pieceLength} elements`, 'the same bits whatever the pieces');
  }
  for (const dtypes of storedTypes) {
    const stored = [base, ...models].map((each, i) => storedAs(each, shape, dtypes[i % dtypes.length]));
    const [narrow, wide] = [stored, stored.map((source) => valuesOf(source.values))].map(
      ([origin, ...others]) =>
        runMethod(method, { ...common, ...(method.base !== 'none' && { base: origin }), models: others }).values,
    );
    const other = narrow.findIndex((value, i) => !Object.is(value, wide[i]));
    if (other < 0) continue;
    throw refuse(
      `${narrow[other]} at element ${other} of weights in ${dtypes.join(' and ')}, ${wide[other]} of the same numbers in f32`,
      'the same bits whatever type holds the weights',
    );
  }
  const equal = runMethod(method, { ...common, models: models.map(() => base) }).values;
  const far = equal.findIndex((value, i) => Math.abs(value - base[i]) > equalSteps * 2 ** -23 * Math.abs(base[i]));
  if (far >= 0) throw refuse(`${equal[far]} where every model has ${base[far]}`, 'the base again');
}

/** Element types of the base and the models, in turn. */
const storedTypes: readonly (readonly StorageType[])[] = [['bf16'], ['f16'], ['bf16', 'f32', 'f16']];

function storedAs(values: Float32Array, shape: readonly number[], dtype: StorageType): GivenTensor {
  if (dtype === 'f32') return { kind: 'given', values, shape };
  const bits = Uint16Array.from(values, dtype === 'f16' ? float32ToFloat16 : float32ToBfloat16);
  return { kind: 'given', values: { dtype, bits }, shape };
}

/** Reproducible, of both signs, without zeroes. */
function numbers(shape: readonly number[], seed: number): Float32Array {
  const random = stream(seed, 'check-method', ...shape);
  return Float32Array.from({ length: elementCount(shape)! }, () => random.normal());
}

function sameBits(a: Float32Array, b: Float32Array): boolean {
  const [left, right] = [a, b].map((values) => new Uint32Array(values.buffer, values.byteOffset, values.length));
  return left.every((bits, i) => bits === right[i]);
}
