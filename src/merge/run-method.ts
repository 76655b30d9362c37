/**
 * A merge method on arrays instead of model folders, to try a method out and to test one.
 *
 * ```ts
 * const { values } = runMethod(linear, { shape: [2], models: [[0, 2], [4, 6]], parameters: [{ weight: 1 }, { weight: 3 }] });
 * // 3, 5
 * ```
 */
import { elementCount } from '../tensor/element-type.ts';
import type { AnyMergeMethod, Compatibility, ParameterSpecs, Scalar } from './method.ts';
import { FileTable } from './stream/file-table.ts';
import type { JobModel, Parameters, SourceTensor, TensorJob } from './stream/job.ts';
import { ownWorkspace } from './stream/own-workspace.ts';
import { openTensorStream, type TensorStream } from './stream/tensor-stream.ts';

export interface MethodRun {
  readonly shape: readonly number[];
  /** Elements of the base, row-major, or what they are read from. */
  readonly base?: ArrayLike<number> | SourceTensor;
  readonly models: readonly (ArrayLike<number> | SourceTensor)[];
  /** By model; what is left out has the method's default. */
  readonly parameters?: readonly Readonly<Record<string, Scalar>>[];
  readonly settings?: Readonly<Record<string, Scalar>>;
  readonly compat?: Compatibility;
  readonly seed?: number;
  /** Name of the tensor, by which random numbers are keyed beside the seed and the models' ids. */
  readonly name?: string;
  readonly ids?: readonly string[];
  /** Elements of a piece, a multiple of 64. */
  readonly pieceLength?: number;
}

export interface MethodResult {
  /** In float32; NaN where the method leaves an element of a stored piece unwritten. */
  readonly values: Float32Array;
  readonly notes: readonly string[];
}

/** @throws what the method throws; a plain error where it does not write every element once, in order. */
export function runMethod(method: AnyMergeMethod, run: MethodRun): MethodResult {
  const workspace = ownWorkspace();
  const resources = { files: new FileTable(), workspace, pieceLength: run.pieceLength };
  const job = jobOf(method, run);
  const result = new Float32Array(elementCount(run.shape)!);
  let written = 0;
  const surveys: Float64Array[] = [];
  const rounds = job.compat === 'paper' && result.length > 0 ? (method.surveys ?? []) : [];
  const refuseWriting = (): never => {
    throw new Error(`${method.name} writes while it counts.`);
  };
  for (const survey of rounds) {
    workspace.reset();
    surveys.push(survey(openTensorStream(job, { ...resources, surveys, sink: refuseWriting }).tensor));
  }
  workspace.reset();
  const { tensor, notes } = openTensorStream(job, {
    ...resources,
    surveys,
    sink: (out, start) => {
      if (start !== written) throw new Error(`${method.name} writes element ${start} where ${written} is next.`);
      result.set(out, start);
      written += out.length;
    },
  });
  // What a stored piece leaves unwritten is whatever the memory held: here it shows.
  const writeStored: TensorStream['writeStored'] = (fill) =>
    tensor.writeStored((piece, out) => fill(piece, out.fill(Number.NaN)));
  if (tensor.length > 0) method.merge({ ...tensor, writeStored });
  if (written !== result.length) throw new Error(`${method.name} writes ${written} of ${result.length} elements.`);
  return { values: result, notes };
}

function jobOf(method: AnyMergeMethod, run: MethodRun): TensorJob {
  const modelOf = (id: string, source: ArrayLike<number> | SourceTensor, parameters: Parameters): JobModel => ({
    id,
    tensor: 'kind' in source ? source : { kind: 'given', values: Float32Array.from(source), shape: run.shape },
    parameters,
  });
  return {
    name: run.name ?? 'tensor',
    shape: run.shape,
    output: { file: 0, position: 0, dtype: 'f32' },
    method: method.name,
    settings: withDefaults(method.settings, run.settings),
    ...(run.base && { base: modelOf('base', run.base, {}) }),
    models: run.models.map((values, index) =>
      modelOf(run.ids?.[index] ?? `model ${index}`, values, withDefaults(method.perModel, run.parameters?.[index])),
    ),
    seed: run.seed ?? 0,
    compat: run.compat ?? 'mergekit',
  };
}

function withDefaults(specs: ParameterSpecs, given: Parameters = {}): Parameters {
  const defaults = Object.entries(specs).map(([name, spec]) => [name, spec.default ?? Number.NaN]);
  return { ...Object.fromEntries(defaults), ...given };
}
