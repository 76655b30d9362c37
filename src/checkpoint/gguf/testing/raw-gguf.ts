/** Files of GGUF put together piece by piece, so that each piece can lie. */

export const u8 = (value: number): Buffer => Buffer.from([value]);

export function u32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

export function u64(value: bigint | number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

export const text = (value: string | Buffer, length: bigint | number = Buffer.byteLength(value)): Buffer =>
  Buffer.concat([u64(length), Buffer.from(value as string)]);

export const pair = (key: string, type: number, ...value: readonly Buffer[]): Buffer =>
  Buffer.concat([text(key), u32(type), ...value]);

export interface RawTensor {
  readonly name?: Buffer;
  readonly dimensions?: number;
  /** Innermost first, as in the file. */
  readonly lengths?: readonly (bigint | number)[];
  readonly type?: number;
  readonly offset?: bigint | number;
}

/** By default "w", F32 [8], at 0. */
export function tensor({
  name = text('w'),
  lengths = [8],
  dimensions = lengths.length,
  type = 0,
  offset = 0,
}: RawTensor = {}): Buffer {
  return Buffer.concat([name, u32(dimensions), ...lengths.map(u64), u32(type), u64(offset)]);
}

export interface RawFile {
  readonly magic?: string | Buffer;
  readonly version?: number;
  readonly tensorCount?: bigint | number;
  readonly pairCount?: bigint | number;
  readonly pairs?: readonly Buffer[];
  readonly tensors?: readonly Buffer[];
  readonly alignment?: number;
  readonly data?: Buffer;
}

/** By default a sound file with one pair and one tensor of eight F32. */
export function rawGguf({
  magic = 'GGUF',
  version = 3,
  pairs = [pair('a', 4, u32(1))],
  tensors = [tensor()],
  pairCount = pairs.length,
  tensorCount = tensors.length,
  alignment = 32,
  data = Buffer.alloc(32),
}: RawFile = {}): Buffer {
  const head = Buffer.concat([
    Buffer.from(magic as string),
    u32(version),
    u64(tensorCount),
    u64(pairCount),
    ...pairs,
    ...tensors,
  ]);
  return Buffer.concat([head, Buffer.alloc((alignment - (head.length % alignment)) % alignment), data]);
}
