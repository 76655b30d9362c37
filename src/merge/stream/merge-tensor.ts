/** One tensor of the output, from reading its sources to the bytes in its file. Runs in a worker, or in the caller's thread. */
import { InputError } from '../../errors.ts';
import { byteWidth, elementCount } from '../../tensor/element-type.ts';
import type { AnyMergeMethod } from '../method.ts';
import { ContentHash } from './content-hash.ts';
import type { FileTable } from './file-table.ts';
import { isStorageType, type StoredTensor, sourcesOf, type TensorJob } from './job.ts';
import { bytesOf, openOperand } from './operand.ts';
import { openTensorStream, type StreamResources } from './tensor-stream.ts';
import type { StreamKernels, Workspace } from './workspace.ts';

/** Of a tensor that was written. */
export interface TensorResult {
  /** XXH64 of its bytes. */
  readonly hash: string;
  /** XXH64 of what was read of each source, in the order of `sourcesOf`; of one alone where it was copied. */
  readonly sources: readonly string[];
  readonly notes: readonly string[];
}

export interface MergeResources extends Omit<StreamResources, 'sink' | 'hashes'> {
  /** Paths of the output files, by their place in the plan. */
  readonly outputs: readonly string[];
}

/** Merges the tensor and writes it to its place. */
export function mergeTensor(job: TensorJob, method: AnyMergeMethod, resources: MergeResources): TensorResult {
  const { workspace, files, outputs } = resources;
  workspace.reset();
  const { file, position, dtype } = job.output;
  const hash = new ContentHash(workspace);
  const write = (bytes: Uint8Array, at: number): void => {
    hash.update(bytes);
    files.write(outputs[file], bytes, position + at);
  };
  if (!isStorageType(dtype)) {
    copyBytes(job, { files, workspace }, write);
    return { hash: hash.digest(), sources: [hash.digest()], notes: [] };
  }
  const hashes = sourcesOf(job).map(() => new ContentHash(workspace));
  const { tensor, notes } = openTensorStream(job, {
    ...resources,
    hashes,
    sink: (out, start) => {
      requireRepresentable(out, start, job, workspace.kernels);
      write(narrowed(out, dtype, workspace.kernels), start * byteWidth(dtype));
    },
  });
  if (tensor.length > 0) method.merge(tensor);
  return { hash: hash.digest(), sources: hashes.map((each) => each.digest()), notes };
}

/** Counts for one round of the method's surveys. */
export function surveyTensor(
  job: TensorJob,
  method: AnyMergeMethod,
  round: number,
  resources: MergeResources,
): Float64Array {
  resources.workspace.reset();
  const sink = (): never => {
    throw new Error(`${method.name} writes while it counts.`);
  };
  return method.surveys![round](openTensorStream(job, { ...resources, sink }).tensor);
}

/** XXH64 of what is in a tensor's place now. */
export function hashOutput(job: TensorJob, { files, workspace, outputs }: MergeResources): string {
  workspace.reset();
  const hash = new ContentHash(workspace);
  const { file, position, dtype } = job.output;
  const total = elementCount(job.shape)! * byteWidth(dtype);
  eachBlock(total, workspace, (block, at) => {
    files.read(outputs[file], block, position + at);
    hash.update(block);
  });
  return hash.digest();
}

/** What `sources` of the tensor's result would be if it were merged now. */
export function hashSources(job: TensorJob, { files, workspace }: MergeResources): readonly string[] {
  workspace.reset();
  if (!isStorageType(job.output.dtype)) {
    const hash = new ContentHash(workspace);
    copyBytes(job, { files, workspace }, (block) => hash.update(block));
    return [hash.digest()];
  }
  const length = elementCount(job.shape)!;
  const piece = workspace.floats(blockLength);
  return sourcesOf(job).map(({ tensor }) => {
    const operand = openOperand(tensor, { files, workspace, capacity: blockLength });
    const hash = new ContentHash(workspace);
    for (let start = 0; start < length; start += blockLength) {
      operand.read(start, piece.subarray(0, Math.min(blockLength, length - start)), hash);
    }
    return hash.digest();
  });
}

/** What is not float, such as a table of positions, is the base's or else the first model's. */
function copyBytes(
  job: TensorJob,
  { files, workspace }: { readonly files: FileTable; readonly workspace: Workspace },
  write: (bytes: Uint8Array, at: number) => void,
): void {
  // The plan gives a tensor of such a type nothing but stored sources.
  const { path, position, dtype } = (job.base ?? job.models[0]).tensor as StoredTensor;
  eachBlock(elementCount(job.shape)! * byteWidth(dtype), workspace, (block, at) => {
    files.read(path, block, position + at);
    write(block, at);
  });
}

/** In elements of float32. */
const blockLength = 2 ** 16;

function eachBlock(total: number, workspace: Workspace, visit: (block: Uint8Array, at: number) => void): void {
  const block = bytesOf(workspace.floats(blockLength));
  for (let at = 0; at < total; at += block.length) visit(block.subarray(0, Math.min(block.length, total - at)), at);
}

function narrowed(values: Float32Array, dtype: 'f32' | 'f16' | 'bf16', kernels: StreamKernels): Uint8Array {
  if (dtype === 'f32') return bytesOf(values);
  // Narrowed onto the start of their own bytes.
  const target = new Uint16Array(values.buffer, values.byteOffset, values.length);
  kernels.narrow(target, values, dtype);
  return bytesOf(target);
}

/** The first magnitude bits that a type rounds to infinity. */
const overflowBits = { f32: 0x7f800000, bf16: 0x7f7f8000, f16: 0x477ff000 } as const;

function requireRepresentable(values: Float32Array, start: number, job: TensorJob, kernels: StreamKernels): void {
  const { name, method, output } = job;
  const limit = overflowBits[output.dtype as keyof typeof overflowBits];
  if (kernels.largestMagnitude(values) < limit) return;
  const [largest] = new Float32Array(Uint32Array.of(limit).buffer);
  const index = values.findIndex((value) => !(Math.abs(value) < largest));
  throw new InputError({
    field: `tensor ${JSON.stringify(name)}, element ${start + index}`,
    found: `${values[index]} as result of ${method}`,
    expected: `a number that ${output.dtype} can hold`,
    fix: remedyFor(job, values[index]),
  });
}

function remedyFor({ settings, models, output }: TensorJob, value: number): string {
  const hasNegative = models.some(({ parameters: { weight } }) => typeof weight === 'number' && weight < 0);
  if (hasNegative && settings.normalize !== false && settings.normalize_weights !== false) {
    return 'Weights that nearly add up to nothing divide by nearly nothing: choose others.';
  }
  const factors = 'lambda' in settings ? 'weights or lambda' : 'weights';
  return output.dtype === 'f16' && Number.isFinite(value)
    ? `Write bfloat16 or float32, or choose smaller ${factors}.`
    : `Choose smaller ${factors}.`;
}
