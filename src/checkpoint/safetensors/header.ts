/**
 * The header of a safetensors file: 8 bytes of length (little-endian), then that much JSON,
 *
 *   {"__metadata__":{"format":"pt"},"name":{"dtype":"F32","shape":[2,3],"data_offsets":[0,24]}}
 *
 * then the tensors without gaps. Parsing is stricter than JSON: the grammar above and nothing else, so a name given twice,
 * a fraction, an unknown field or nesting cannot mean one thing here and another to the next reader.
 * Source: the format's own description and reference implementation, huggingface/safetensors.
 */
import { InputError } from '../../errors.ts';
import {
  byteWidth,
  type ElementType,
  elementCount,
  fromSafetensorsName,
  safetensorsName,
} from '../../tensor/element-type.ts';
import { HeaderScanner } from './header-scanner.ts';

/** As in the reference implementation. */
export const maximumHeaderBytes = 100_000_000;

export interface TensorEntry {
  readonly dtype: ElementType;
  readonly shape: readonly number[];
  /** Bytes from the start of the data section (behind the header). */
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  /** By name, in the order of the data. */
  readonly tensors: ReadonlyMap<string, TensorEntry>;
  readonly metadata: ReadonlyMap<string, string>;
}

const metadataKey = '__metadata__';

/**
 * @param bytes the JSON part of the header
 * @param dataBytes length of the data section, which the tensors must cover exactly
 * @param path for messages
 * @throws InputError naming the tensor and what is wrong with it
 */
export function parseHeader(bytes: Uint8Array, dataBytes: number, path: string): SafetensorsHeader {
  const tensors: [string, TensorEntry][] = [];
  let metadata: ReadonlyMap<string, string> = new Map();
  const scanner = new HeaderScanner(decode(bytes, path), path);
  scanner.object((name) => {
    if (name === metadataKey) metadata = scanMetadata(scanner);
    else tensors.push([name, scanTensor(scanner, name, path)]);
  });
  scanner.end();
  tensors.sort(([, a], [, b]) => a.begin - b.begin || a.end - b.end);
  requireContiguous(tensors, dataBytes, path);
  return { tensors: new Map(tensors), metadata };
}

/** The header of `tensors` in their order, length prefix included, padded with spaces to a multiple of 8 bytes. */
export function formatHeader({ tensors, metadata }: SafetensorsHeader): Uint8Array {
  const text = (value: string): string => JSON.stringify(value);
  const fields = [...tensors].map(([name, { dtype, shape, begin, end }]) => {
    const entry = { dtype: safetensorsName(dtype), shape, data_offsets: [begin, end] };
    return `${text(name)}:${JSON.stringify(entry)}`;
  });
  if (metadata.size > 0) {
    const pairs = [...metadata].map(([key, value]) => `${text(key)}:${text(value)}`);
    fields.unshift(`${text(metadataKey)}:{${pairs.join(',')}}`);
  }
  const json = new TextEncoder().encode(`{${fields.join(',')}}`);
  const length = Math.ceil(json.length / 8) * 8;
  const header = new Uint8Array(8 + length).fill(0x20);
  new DataView(header.buffer).setBigUint64(0, BigInt(length), true);
  header.set(json, 8);
  return header;
}

function decode(bytes: Uint8Array, path: string): string {
  if (bytes[0] !== 0x7b) throw damaged(path, 'a header that does not start with {', 'a JSON object');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw damaged(path, 'a header that is not UTF-8', 'UTF-8 text');
  }
}

function scanMetadata(scanner: HeaderScanner): ReadonlyMap<string, string> {
  const metadata = new Map<string, string>();
  scanner.object((key) => metadata.set(key, scanner.string()));
  return metadata;
}

function scanTensor(scanner: HeaderScanner, name: string, path: string): TensorEntry {
  const field = `${path}, tensor ${JSON.stringify(name)}`;
  let dtypeName: string | undefined;
  let shape: readonly number[] | undefined;
  let offsets: readonly number[] | undefined;
  scanner.object((key) => {
    if (key === 'dtype') dtypeName = scanner.string();
    else if (key === 'shape') shape = scanner.integers();
    else if (key === 'data_offsets') offsets = scanner.integers();
    else throw damaged(field, `the field ${JSON.stringify(key)}`, 'dtype, shape and data_offsets only');
  });
  if (dtypeName === undefined || shape === undefined || offsets === undefined) {
    throw damaged(field, 'a missing field', 'dtype, shape and data_offsets');
  }
  const dtype = fromSafetensorsName(dtypeName);
  if (!dtype) {
    const expected = 'F64, F32, F16, BF16, F8_E4M3, I64, I32, I16, I8, U8 or BOOL';
    const fix = 'Convert the checkpoint to one of these types first.';
    throw new InputError({ field, found: `element type ${JSON.stringify(dtypeName)}`, expected, fix });
  }
  const [begin, end] = offsets;
  if (offsets.length !== 2 || begin > end) throw damaged(field, `data_offsets [${offsets}]`, '[begin, end]');
  const count = elementCount(shape);
  if (count === undefined || count * byteWidth(dtype) !== end - begin) {
    throw damaged(
      field,
      `shape [${shape}] of ${dtypeName} over ${end - begin} bytes`,
      'as many bytes as the shape takes',
    );
  }
  return { dtype, shape, begin, end };
}

function requireContiguous(
  tensors: readonly (readonly [string, TensorEntry])[],
  dataBytes: number,
  path: string,
): void {
  let covered = 0;
  for (const [name, { begin, end }] of tensors) {
    if (begin !== covered) {
      const found = begin < covered ? 'data that overlaps the tensor before it' : 'a hole before its data';
      throw damaged(
        `${path}, tensor ${JSON.stringify(name)}`,
        `${found} (begins at ${begin})`,
        `data from ${covered} on`,
      );
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    const found = `${dataBytes} bytes of data`;
    throw damaged(path, found, `the ${covered} bytes that the header describes`);
  }
}

/** The error for a file that breaks the format. */
export function damaged(field: string, found: string, expected: string): InputError {
  const fix = 'The file is damaged, incomplete or not safetensors: copy or download it again.';
  return new InputError({ field, found, expected, fix });
}
