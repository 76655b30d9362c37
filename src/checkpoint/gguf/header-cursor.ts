/**
 * Walks through the header of a GGUF file. Nothing is allocated for a count or a length before it is known that the file
 * has as many bytes.
 */
import { damaged } from './refuse.ts';
import { type Scalar, type ValueType, valueBytes } from './value-types.ts';

/** There are more bytes in the file than were read so far, and the header goes on in them. */
export class NeedsMore extends Error {}

export class HeaderCursor {
  readonly #bytes: Buffer;
  readonly #fileBytes: number;
  readonly #path: string;
  #at = 0;

  /** @param bytes the beginning of a file of `fileBytes` */
  constructor(bytes: Buffer, fileBytes: number, path: string) {
    this.#bytes = bytes;
    this.#fileBytes = fileBytes;
    this.#path = path;
  }

  /** Bytes read so far. */
  get position(): number {
    return this.#at;
  }

  u32(what: string): number {
    return this.#bytes.readUInt32LE(this.#take(4, what));
  }

  /** A length or a count: `each` bytes at least follow for every one of them. */
  count(what: string, each: number): number {
    const value = this.#bytes.readBigUInt64LE(this.#take(8, what));
    const left = this.#fileBytes - this.#at;
    if (value * BigInt(each) <= BigInt(left)) return Number(value);
    throw damaged(`${this.#path}, ${what}`, `${value} with ${left} bytes to the end of the file`, 'what fits into it');
  }

  /** An offset or a length of a dimension, which must be exact as a number. */
  u64(what: string): number {
    const value = this.#bytes.readBigUInt64LE(this.#take(8, what));
    if (value <= BigInt(Number.MAX_SAFE_INTEGER)) return Number(value);
    throw damaged(`${this.#path}, ${what}`, String(value), 'a number below 2^53');
  }

  string(what: string, most = Number.POSITIVE_INFINITY): string {
    const length = this.count(`length of ${what}`, 1);
    if (length > most) throw damaged(`${this.#path}, ${what}`, `${length} bytes`, `at most ${most}`);
    const from = this.#take(length, what);
    const bytes = this.#bytes.subarray(from, from + length);
    const text = bytes.toString('utf8');
    // A replacement character means broken bytes, unless it was written as such.
    if (text.includes('\ufffd') && Buffer.compare(Buffer.from(text), bytes) !== 0) {
      throw damaged(`${this.#path}, ${what}`, 'bytes that are not UTF-8', 'text');
    }
    return text;
  }

  scalar(type: ValueType, what: string): Scalar {
    if (type === 'string') return this.string(what);
    const at = this.#take(valueBytes[type], what);
    const bytes = this.#bytes;
    switch (type) {
      case 'u8':
        return bytes.readUInt8(at);
      case 'i8':
        return bytes.readInt8(at);
      case 'u16':
        return bytes.readUInt16LE(at);
      case 'i16':
        return bytes.readInt16LE(at);
      case 'u32':
        return bytes.readUInt32LE(at);
      case 'i32':
        return bytes.readInt32LE(at);
      case 'f32':
        return bytes.readFloatLE(at);
      case 'f64':
        return bytes.readDoubleLE(at);
      case 'u64':
        return narrow(bytes.readBigUInt64LE(at));
      case 'i64':
        return narrow(bytes.readBigInt64LE(at));
      case 'bool': {
        const value = bytes.readUInt8(at);
        if (value > 1) throw damaged(`${this.#path}, ${what}`, `the byte ${value}`, 'a bool: 0 or 1');
        return value === 1;
      }
      default:
        return type satisfies never;
    }
  }

  #take(length: number, what: string): number {
    const from = this.#at;
    if (from + length > this.#fileBytes) {
      throw damaged(`${this.#path}, ${what}`, `the end of the file at byte ${this.#fileBytes}`, `${length} bytes more`);
    }
    if (from + length > this.#bytes.length) throw new NeedsMore();
    this.#at += length;
    return from;
  }
}

const narrow = (value: bigint): number | bigint => (BigInt.asIntN(54, value) === value ? Number(value) : value);
