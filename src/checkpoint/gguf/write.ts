/** Writes GGUF files (version 3): the header is known before the first tensor is touched, then the tensors stream through. */

import { writeFileAtomically } from '../../files/atomic-write.ts';
import { requireDiskSpace } from '../../files/disk-space.ts';
import { elementCount } from '../../tensor/element-type.ts';
import { alignmentKey, defaultAlignment, padded } from './header.ts';
import { quantize, type WrittenType } from './quantize.ts';
import { tensorTypes } from './tensor-types.ts';
import { type Scalar, type ValueType, valueTypeId } from './value-types.ts';

/** A value with the type that it is written as. */
export type TypedValue =
  | { readonly type: ValueType; readonly value: Scalar }
  | { readonly type: ValueType; readonly items: readonly Scalar[] };

export interface TensorToWrite {
  readonly name: string;
  /** Row-major. */
  readonly shape: readonly number[];
  readonly type: WrittenType;
  /** Equal parts, one after the other. Called when their turn has come; the array may be that of an earlier one. */
  readonly parts: readonly (() => Float32Array | Promise<Float32Array>)[];
}

/** Values that are converted in one piece; a multiple of every block. */
const pieceLength = 2 ** 20;

/** Writes the file atomically. @throws UsageError for a disk without room */
export async function writeGguf(
  path: string,
  metadata: Readonly<Record<string, TypedValue>>,
  tensors: readonly TensorToWrite[],
): Promise<void> {
  const header = formatHeader(metadata, tensors);
  const dataBytes = tensors.reduce((sum, tensor) => sum + padded(byteLength(tensor), defaultAlignment), 0);
  await requireDiskSpace(path, header.length + dataBytes);
  await writeFileAtomically(path, async (file) => {
    await file.appendFile(header);
    for (const { name, type, shape, parts } of tensors) {
      let written = 0;
      for (const part of parts) {
        const values = await part();
        if (values.length * parts.length !== elementCount(shape)) {
          throw new Error(`A part of tensor ${name} has ${values.length} values.`);
        }
        for (let from = 0; from < values.length; from += pieceLength) {
          const bytes = quantize(type, values.subarray(from, from + pieceLength));
          await file.appendFile(bytes);
          written += bytes.length;
        }
      }
      await file.appendFile(Buffer.alloc(padded(written, defaultAlignment) - written));
    }
  });
}

function byteLength({ shape, type }: TensorToWrite): number {
  const { length, bytes } = tensorTypes[type];
  return (shape.reduce((product, size) => product * size, 1) / length) * bytes;
}

function formatHeader(metadata: Readonly<Record<string, TypedValue>>, tensors: readonly TensorToWrite[]): Buffer {
  const alignment: TypedValue = { type: 'u32', value: defaultAlignment };
  const pairs = Object.entries<TypedValue>({ ...metadata, [alignmentKey]: alignment });
  const parts: Buffer[] = [Buffer.from('GGUF'), scalar('u32', 3), count(tensors.length), count(pairs.length)];
  for (const [key, entry] of pairs) {
    parts.push(scalar('string', key));
    if ('items' in entry) {
      const { type, items } = entry;
      parts.push(scalar('u32', valueTypeId('array')), scalar('u32', valueTypeId(type)), count(items.length));
      for (const item of items) parts.push(scalar(type, item));
    } else parts.push(scalar('u32', valueTypeId(entry.type)), scalar(entry.type, entry.value));
  }
  let offset = 0;
  for (const tensor of tensors) {
    const { name, shape, type } = tensor;
    parts.push(scalar('string', name), scalar('u32', shape.length), ...[...shape].reverse().map(count));
    parts.push(scalar('u32', tensorTypes[type].id), count(offset));
    offset += padded(byteLength(tensor), defaultAlignment);
  }
  const header = Buffer.concat(parts);
  return Buffer.concat([header, Buffer.alloc(padded(header.length, defaultAlignment) - header.length)]);
}

const count = (value: number): Buffer => scalar('u64', value);

function scalar(type: ValueType, value: Scalar): Buffer {
  if (type === 'string') {
    const bytes = Buffer.from(String(value));
    return Buffer.concat([count(bytes.length), bytes]);
  }
  const bytes = Buffer.alloc(8);
  const number = Number(value);
  switch (type) {
    case 'u8':
    case 'bool':
      return bytes.subarray(0, bytes.writeUInt8(number));
    case 'i8':
      return bytes.subarray(0, bytes.writeInt8(number));
    case 'u16':
      return bytes.subarray(0, bytes.writeUInt16LE(number));
    case 'i16':
      return bytes.subarray(0, bytes.writeInt16LE(number));
    case 'u32':
      return bytes.subarray(0, bytes.writeUInt32LE(number));
    case 'i32':
      return bytes.subarray(0, bytes.writeInt32LE(number));
    case 'f32':
      return bytes.subarray(0, bytes.writeFloatLE(number));
    case 'f64':
      return bytes.subarray(0, bytes.writeDoubleLE(number));
    case 'u64':
      return bytes.subarray(0, bytes.writeBigUInt64LE(BigInt(number)));
    case 'i64':
      return bytes.subarray(0, bytes.writeBigInt64LE(BigInt(number)));
    default:
      return type satisfies never;
  }
}
