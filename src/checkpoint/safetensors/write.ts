/**
 * Writes safetensors files: the header is known before the first tensor is touched, then the tensors stream through,
 * narrowed block by block. The same tensors give the same bytes, whatever order they come in: like the reference
 * implementation, wider element types come first, then names in the order of their UTF-8 bytes.
 */
import type { FileHandle } from 'node:fs/promises';
import { UsageError } from '../../errors.ts';
import { writeFileAtomically } from '../../files/atomic-write.ts';
import { requireDiskSpace } from '../../files/disk-space.ts';
import { stagingLength, withStagingBlock } from '../../kernels/staging.ts';
import { byteWidth, elementCount } from '../../tensor/element-type.ts';
import { formatHeader, type TensorEntry } from './header.ts';

/** Element types that tensors are written as. */
export type StorageType = 'f32' | 'f16' | 'bf16';

export interface TensorToWrite {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: StorageType;
  /** Row-major, as many elements as the shape has: as they are, or made when their turn has come and not used afterwards. */
  readonly data: Float32Array | (() => Promise<Float32Array>);
}

export interface WriteOptions {
  /** Written as `__metadata__`, sorted by key. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/**
 * Writes the file atomically; f16 and bf16 are rounded to nearest even.
 * @throws UsageError for a name given twice or reserved, data that its shape does not describe, or a disk without room
 */
export async function writeSafetensors(
  path: string,
  tensors: Iterable<TensorToWrite>,
  { metadata = {} }: WriteOptions = {},
): Promise<void> {
  const sorted = [...tensors].sort(byWidthThenName);
  const header = formatHeader({ tensors: layOut(sorted, path), metadata: new Map(Object.entries(metadata).sort()) });
  await requireDiskSpace(path, header.length + sorted.reduce((sum, tensor) => sum + storedBytes(tensor), 0));
  await writeFileAtomically(path, async (file) => {
    await writeFully(file, header);
    for (const tensor of sorted) await writeValues(file, await valuesOf(tensor, path), tensor.dtype);
  });
}

function byWidthThenName(a: TensorToWrite, b: TensorToWrite): number {
  return byteWidth(b.dtype) - byteWidth(a.dtype) || Buffer.compare(Buffer.from(a.name), Buffer.from(b.name));
}

function layOut(tensors: readonly TensorToWrite[], path: string): ReadonlyMap<string, TensorEntry> {
  const entries = new Map<string, TensorEntry>();
  let offset = 0;
  for (const tensor of tensors) {
    const { name, shape, dtype, data } = tensor;
    const field = fieldOf(path, name);
    if (name === '__metadata__' || /\p{Surrogate}/u.test(name))
      throw refuse(field, 'a name that the format reserves', 'another name');
    if (entries.has(name)) throw refuse(field, 'a second tensor of this name', 'names that differ');
    if (typeof data !== 'function') requireLength(tensor, data, path);
    const begin = offset;
    offset += storedBytes(tensor);
    entries.set(name, { dtype, shape, begin, end: offset });
  }
  return entries;
}

/** Bytes in a file. */
export const storedBytes = ({ shape, dtype }: Pick<TensorToWrite, 'shape' | 'dtype'>): number =>
  (elementCount(shape) ?? 0) * byteWidth(dtype);

async function valuesOf(tensor: TensorToWrite, path: string): Promise<Float32Array> {
  if (typeof tensor.data !== 'function') return tensor.data;
  const values = await tensor.data();
  requireLength(tensor, values, path);
  return values;
}

function requireLength({ name, shape }: TensorToWrite, { length }: Float32Array, path: string): void {
  if (elementCount(shape) === length) return;
  throw refuse(fieldOf(path, name), `${length} elements for shape [${shape}]`, 'as many as the shape has');
}

const fieldOf = (path: string, name: string): string => `${path}, tensor ${JSON.stringify(name)}`;

/** Appends values to a file, narrowed. */
export async function writeValues(file: FileHandle, data: Float32Array, dtype: StorageType): Promise<void> {
  if (dtype === 'f32') return writeFully(file, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  await withStagingBlock(async (block, kernels) => {
    for (let start = 0; start < data.length; start += stagingLength) {
      const source = block.subarray(0, Math.min(stagingLength, data.length - start));
      source.set(data.subarray(start, start + source.length));
      // Narrowed onto the start of its own bytes.
      const target = new Uint16Array(block.buffer, block.byteOffset, source.length);
      kernels.narrow(target, source, dtype);
      await writeFully(file, new Uint8Array(target.buffer, target.byteOffset, target.byteLength));
    }
  });
}

export async function writeFully(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    // One system call moves less than 2 GiB.
    const { bytesWritten } = await file.write(bytes, done, Math.min(bytes.length - done, 2 ** 30));
    done += bytesWritten;
  }
}

function refuse(field: string, found: string, expected: string): UsageError {
  return new UsageError({ field, found, expected, fix: 'Correct the tensors before writing them.' });
}
