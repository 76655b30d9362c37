/**
 * The task vectors of several models on one tensor, delta_i = model_i - base, block by block: whole rows, a few MiB at a
 * time, however large the tensor is. It may be gone over as often as one likes; a small one is read only once.
 */
import { InputError } from '../../errors.ts';

/** What blocks are read from: a checkpoint. */
export interface WeightSource {
  readonly folder: string;
  readRange(name: string, start: number, count: number): Promise<Float32Array>;
}

/** What is compared with the base: weights of its own, or what it adds to those of the base. */
export type DeltaSource = WeightSource & { readonly adds?: boolean };

export interface DeltaBlock {
  /** Index of the first element in the tensor. */
  readonly start: number;
  readonly base: Float32Array;
  /** The models' own elements, and those less the base's: rounded to float32, as all arithmetic on them is in float64. */
  readonly weights: readonly Float32Array[];
  readonly deltas: readonly Float32Array[];
}

export interface TensorDeltas {
  readonly name: string;
  readonly length: number;
  /** A tensor of n axes has shape[0] rows of all else. A vector has rows of one element. */
  readonly rows: number;
  readonly columns: number;
  /** Whether rows and columns mean something: there are at least two axes, and a row fits into a block. */
  readonly isMatrix: boolean;
  blocks(): AsyncIterable<DeltaBlock>;
}

/** A tensor up to here is one block, kept between passes. */
export const wholeLength = 2 ** 20;

const blockLength = 2 ** 18;

/** The longest row; longer ones are cut. */
const longestRow = 2 ** 22;

/** @throws InputError, from `blocks`, for a NaN or infinite weight */
export function openDeltas(
  name: string,
  shape: readonly number[],
  base: WeightSource,
  models: readonly DeltaSource[],
): TensorDeltas {
  const length = shape.reduce((product, size) => product * size, 1);
  const rowLength = shape.length > 1 ? length / shape[0] : 1;
  const columns = Math.min(rowLength, longestRow);
  const step = length <= wholeLength ? length : Math.max(1, Math.floor(blockLength / columns)) * columns;

  async function read(source: WeightSource, start: number): Promise<Float32Array> {
    const values = await source.readRange(name, start, Math.min(step, length - start));
    requireFinite(values, source, name, start);
    return values;
  }

  async function block(start: number): Promise<DeltaBlock> {
    const [values, ...others] = await Promise.all([base, ...models].map((source) => read(source, start)));
    const weights = others.map((own, i) => (models[i].adds ? combine(values, own, 1) : own));
    const deltas = others.map((own, i) => (models[i].adds ? own : combine(own, values, -1)));
    return { start, base: values, weights, deltas };
  }

  let whole: DeltaBlock | undefined;
  return {
    name,
    length,
    rows: Math.ceil(length / columns),
    columns,
    isMatrix: shape.length > 1 && columns === rowLength,
    async *blocks() {
      if (length <= wholeLength) {
        whole ??= await block(0);
        yield whole;
      } else {
        for (let start = 0; start < length; start += step) yield await block(start);
      }
    },
  };
}

/** a + sign b */
function combine(a: Float32Array, b: Float32Array, sign: 1 | -1): Float32Array {
  const result = new Float32Array(a.length);
  for (let i = 0; i < result.length; i++) result[i] = a[i] + sign * b[i];
  return result;
}

function requireFinite(values: Float32Array, { folder }: WeightSource, name: string, start: number): void {
  // Squares of float32 cannot overflow float64: the sum is finite if and only if every element is.
  let squares = 0;
  for (let i = 0; i < values.length; i++) squares += values[i] * values[i];
  if (Number.isFinite(squares)) return;
  const index = values.findIndex((value) => !Number.isFinite(value));
  throw new InputError({
    field: `${folder}, tensor ${JSON.stringify(name)}, element ${start + index}`,
    found: String(values[index]),
    expected: 'finite weights',
    fix: 'The model is damaged or its training diverged: go back to a good checkpoint.',
  });
}
