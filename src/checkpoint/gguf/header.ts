/**
 * The header of a GGUF file, all of it little-endian:
 *
 *   "GGUF" | u32 version | u64 tensors | u64 key-value pairs
 *   pairs:   key | u32 type | value            strings are u64 length + bytes, arrays u32 type + u64 count + items
 *   tensors: name | u32 dimensions | u64 lengths, innermost first | u32 type | u64 offset
 *   padding to `general.alignment`, then the data, tensor after tensor, each padded
 *
 * Source: the GGUF specification (ggml-org/ggml, docs/gguf.md). Checks are at least those of its reference reader.
 */
import { elementCount } from '../../tensor/element-type.ts';
import { HeaderCursor } from './header-cursor.ts';
import { damaged, unsupported } from './refuse.ts';
import { type TensorTypeName, tensorTypeOf, tensorTypes } from './tensor-types.ts';
import { type Metadata, type MetadataValue, type Scalar, valueBytes, valueTypeOf } from './value-types.ts';

export interface GgufTensor {
  readonly type: TensorTypeName;
  /** Row-major: the innermost dimension last, as in a checkpoint. */
  readonly shape: readonly number[];
  /** Bytes from the start of the data section. */
  readonly begin: number;
  readonly end: number;
}

export interface GgufHeader {
  readonly version: number;
  readonly metadata: Metadata;
  /** By name, in the order of the data. */
  readonly tensors: ReadonlyMap<string, GgufTensor>;
  /** Where the data section begins in the file. */
  readonly dataStart: number;
}

export const alignmentKey = 'general.alignment';
export const defaultAlignment = 32;
const greatestAlignment = 2 ** 16;

/** As in the reference reader. */
const mostDimensions = 4;
const longestTensorName = 63;
const longestKey = 2 ** 16 - 1;

/** Several times what the largest models have; a number of the file takes far more room in memory. */
const mostTensors = 2 ** 17;
const mostPairs = 2 ** 16;
const mostItems = 2 ** 21;

/** The fewest bytes of a pair and of a tensor, with empty names. */
const leastPair = 8 + 4 + 1;
const leastTensor = 8 + 4 + 8 + 4 + 8;

/**
 * @param bytes the beginning of the file
 * @param fileBytes length of the whole file
 * @throws InputError for anything that breaks the format; NeedsMore where `bytes` ends inside the header
 */
export function parseHeader(bytes: Buffer, fileBytes: number, path: string): GgufHeader {
  const cursor = new HeaderCursor(bytes, fileBytes, path);
  requireMagic(cursor.u32('magic'), path);
  const version = requireVersion(cursor.u32('version'), path);
  const tensorCount = cursor.count('number of tensors', leastTensor);
  const pairCount = cursor.count('number of key-value pairs', leastPair);
  if (tensorCount > mostTensors) throw damaged(path, `${tensorCount} tensors`, `at most ${mostTensors}`);
  if (pairCount > mostPairs) throw damaged(path, `${pairCount} key-value pairs`, `at most ${mostPairs}`);
  const metadata = new Map<string, MetadataValue>();
  for (let i = 0; i < pairCount; i++) {
    const key = cursor.string(`key ${i}`, longestKey);
    if (metadata.has(key)) throw damaged(`${path}, key ${JSON.stringify(key)}`, 'it a second time', 'each key once');
    metadata.set(key, readValue(cursor, key, path));
  }
  const alignment = alignmentOf(metadata, path);
  const tensors = new Map<string, GgufTensor>();
  let covered = 0;
  for (let i = 0; i < tensorCount; i++) {
    const name = cursor.string(`name of tensor ${i}`, longestTensorName);
    const field = `${path}, tensor ${JSON.stringify(name)}`;
    if (tensors.has(name)) throw damaged(field, 'a second tensor of this name', 'each name once');
    const tensor = readTensor(cursor, field);
    if (tensor.begin !== covered) throw damaged(field, `data from ${tensor.begin} on`, `data from ${covered} on`);
    covered = padded(tensor.end, alignment);
    tensors.set(name, tensor);
  }
  const dataStart = padded(cursor.position, alignment);
  requireData([...tensors.values()].at(-1)?.end ?? 0, covered, fileBytes - dataStart, path);
  return { version, metadata, tensors, dataStart };
}

export const padded = (length: number, alignment: number): number => Math.ceil(length / alignment) * alignment;

function requireMagic(magic: number, path: string): void {
  if (magic === 0x46554747) return;
  const found = `the first bytes ${magic.toString(16).padStart(8, '0')}`;
  throw damaged(path, found, 'a GGUF file, which begins with "GGUF"');
}

function requireVersion(version: number, path: string): number {
  if (version === 2 || version === 3) return version;
  const swapped = (version & 0xffff) === 0;
  throw unsupported(
    `${path}, version`,
    swapped ? 'numbers in big-endian order' : String(version),
    'version 2 or 3, little-endian',
    'Write the file again with a current llama.cpp.',
  );
}

function readValue(cursor: HeaderCursor, key: string, path: string): MetadataValue {
  const field = `value of ${JSON.stringify(key)}`;
  const id = cursor.u32(`type of ${JSON.stringify(key)}`);
  const type = valueTypeOf(id);
  if (type === undefined) throw damaged(`${path}, ${field}`, `type ${id}`, 'a type from 0 to 12');
  if (type !== 'array') return cursor.scalar(type, field);
  const elementId = cursor.u32(`element type of ${JSON.stringify(key)}`);
  const element = valueTypeOf(elementId);
  if (element === undefined || element === 'array') {
    throw damaged(`${path}, ${field}`, `elements of type ${elementId}`, 'elements that are no arrays');
  }
  const count = cursor.count(`length of ${JSON.stringify(key)}`, valueBytes[element]);
  if (count > mostItems) throw damaged(`${path}, ${field}`, `${count} items`, `at most ${mostItems}`);
  const items: Scalar[] = [];
  for (let i = 0; i < count; i++) items.push(cursor.scalar(element, field));
  return items;
}

function alignmentOf(metadata: Metadata, path: string): number {
  const value = metadata.get(alignmentKey) ?? defaultAlignment;
  const isPower = typeof value === 'number' && Number.isInteger(Math.log2(value));
  if (isPower && value >= 8 && value <= greatestAlignment) return value;
  throw damaged(`${path}, ${alignmentKey}`, String(value), `a power of two from 8 to ${greatestAlignment}`);
}

function readTensor(cursor: HeaderCursor, field: string): GgufTensor {
  const dimensions = cursor.u32(`dimensions of ${field}`);
  if (dimensions < 1 || dimensions > mostDimensions) {
    throw damaged(field, `${dimensions} dimensions`, `1 to ${mostDimensions}`);
  }
  const shape = Array.from({ length: dimensions }, () => cursor.u64(`shape of ${field}`)).reverse();
  const kind = tensorTypeOf(cursor.u32(`type of ${field}`));
  if ('unread' in kind) {
    const expected = `one of ${Object.keys(tensorTypes).join(', ')}`;
    const fix = 'Choose another quantisation of the model, such as Q8_0 or Q4_K_M.';
    throw unsupported(field, `element type ${kind.unread}`, expected, fix);
  }
  const { length, bytes } = tensorTypes[kind.type];
  const count = elementCount(shape);
  if (!count) throw damaged(field, `shape [${shape}]`, 'at least one element, and fewer than 2^53');
  const width = shape.at(-1)!;
  if (width % length !== 0) throw damaged(field, `rows of ${width} ${kind.type} values`, `a multiple of ${length}`);
  const begin = cursor.u64(`offset of ${field}`);
  const end = begin + (count / length) * bytes;
  if (!Number.isSafeInteger(end)) throw damaged(field, `data that ends at ${end}`, 'an end below 2^53');
  return { type: kind.type, shape, begin, end };
}

/** Padding after the last tensor may be there or not; nothing else may follow. */
function requireData(needed: number, covered: number, there: number, path: string): void {
  if (there >= needed && there <= covered) return;
  throw damaged(path, `${Math.max(0, there)} bytes of data`, `the ${needed} bytes that the header describes`);
}
