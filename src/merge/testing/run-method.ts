/** Runs a method on numbers instead of files: every tensor of a contract test goes through here. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { elementCount } from '../../tensor/element-type.ts';
import type { AnyMergeMethod, Compatibility, Scalar } from '../method.ts';
import { FileTable } from '../stream/file-table.ts';
import type { JobModel, TensorJob } from '../stream/job.ts';
import { openTensorStream } from '../stream/tensor-stream.ts';
import { Workspace } from '../stream/workspace.ts';

export interface MethodRun {
  readonly shape: readonly number[];
  readonly base?: ArrayLike<number>;
  readonly models: readonly ArrayLike<number>[];
  /** By model. */
  readonly parameters?: readonly Readonly<Record<string, Scalar>>[];
  readonly settings?: Readonly<Record<string, Scalar>>;
  readonly compat?: Compatibility;
  readonly seed?: number;
  readonly name?: string;
  readonly ids?: readonly string[];
  readonly pieceLength?: number;
}

export interface MethodResult {
  readonly values: Float32Array;
  readonly notes: readonly string[];
}

const workspace = new Workspace(2 ** 28);

/** The result in float32. Parameters that are left out have the method's defaults. */
export function runMethod(method: AnyMergeMethod, run: MethodRun): MethodResult {
  const folder = mkdtempSync(join(tmpdir(), 'finery-method-'));
  const files = new FileTable();
  const stored = (values: ArrayLike<number>, index: number, parameters: Readonly<Record<string, Scalar>>): JobModel => {
    const path = join(folder, `${index}.bin`);
    const data = Float32Array.from(values);
    writeFileSync(path, new Uint8Array(data.buffer));
    const id = run.ids?.[index - 1] ?? `model-${index}`;
    return { id, tensor: { kind: 'stored', path, position: 0, dtype: 'f32', shape: run.shape }, parameters };
  };
  const defaults = (specs: AnyMergeMethod['perModel']): Record<string, Scalar> =>
    Object.fromEntries(Object.entries(specs).map(([name, spec]) => [name, spec.default ?? Number.NaN]));
  const length = elementCount(run.shape)!;
  const result = new Float32Array(length);
  try {
    const job: TensorJob = {
      name: run.name ?? 'tensor',
      shape: run.shape,
      output: { file: 0, position: 0, dtype: 'f32' },
      method: method.name,
      settings: { ...defaults(method.settings), ...run.settings },
      ...(run.base && { base: stored(run.base, 0, {}) }),
      models: run.models.map((values, index) =>
        stored(values, index + 1, { ...defaults(method.perModel), ...run.parameters?.[index] }),
      ),
      seed: run.seed ?? 0,
      compat: run.compat ?? 'mergekit',
    };
    const surveys: Float64Array[] = [];
    const open = (sink: (out: Float32Array, start: number) => void) => {
      workspace.reset();
      return openTensorStream(job, { files, workspace, surveys, pieceLength: run.pieceLength, sink });
    };
    if (job.compat === 'paper') {
      for (const survey of method.surveys ?? []) surveys.push(survey(open(() => undefined).tensor));
    }
    const { tensor, notes } = open((out, start) => result.set(out, start));
    method.merge(tensor);
    return { values: result, notes };
  } finally {
    files.close();
    rmSync(folder, { recursive: true });
  }
}
