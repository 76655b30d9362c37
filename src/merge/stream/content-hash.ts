/**
 * XXH64 of bytes that arrive in pieces (Collet, xxHash specification 0.1.1, seed 0), to notice that a file is not what was
 * written. No protection against anybody who means to deceive.
 */
import type { MergeKernels } from '../kernels/kernels.ts';
import type { Workspace } from './workspace.ts';

const prime1 = 0x9e3779b185ebca87n;
const prime2 = 0xc2b2ae3d27d4eb4fn;
const prime3 = 0x165667b19e3779f9n;
const prime4 = 0x85ebca77c2b2ae63n;
const prime5 = 0x27d4eb2f165667c5n;

const wrap = (value: bigint): bigint => BigInt.asUintN(64, value);
const rotate = (value: bigint, by: bigint): bigint => wrap((value << by) | (value >> (64n - by)));
const round = (lane: bigint, word: bigint): bigint => wrap(rotate(wrap(lane + wrap(word * prime2)), 31n) * prime1);

export class ContentHash {
  readonly #kernels: MergeKernels;
  readonly #lanes: BigUint64Array;
  /** Bytes that do not make a stripe of 32 yet. */
  readonly #rest: Uint8Array;
  #restLength = 0;
  #total = 0;

  constructor(workspace: Workspace) {
    this.#kernels = workspace.kernels;
    const memory = workspace.doubles(8);
    this.#lanes = new BigUint64Array(memory.buffer, memory.byteOffset, 4);
    this.#rest = new Uint8Array(memory.buffer, memory.byteOffset + 32, 32);
    this.#lanes.set([prime1 + prime2, prime2, 0n, -prime1].map(wrap));
  }

  /** `bytes` lies in the workspace. */
  update(bytes: Uint8Array): void {
    this.#total += bytes.length;
    let done = 0;
    if (this.#restLength > 0) {
      done = Math.min(32 - this.#restLength, bytes.length);
      this.#rest.set(bytes.subarray(0, done), this.#restLength);
      this.#restLength += done;
      if (this.#restLength < 32) return;
      this.#kernels.hashStripes(this.#lanes, this.#rest);
      this.#restLength = 0;
    }
    const whole = Math.floor((bytes.length - done) / 32) * 32;
    this.#kernels.hashStripes(this.#lanes, bytes.subarray(done, done + whole));
    this.#restLength = bytes.length - done - whole;
    this.#rest.set(bytes.subarray(done + whole));
  }

  /** Sixteen hexadecimal digits. */
  digest(): string {
    const [a, b, c, d] = this.#lanes;
    let hash = prime5;
    if (this.#total >= 32) {
      hash = wrap(rotate(a, 1n) + rotate(b, 7n) + rotate(c, 12n) + rotate(d, 18n));
      for (const lane of [a, b, c, d]) hash = wrap((hash ^ round(0n, lane)) * prime1 + prime4);
    }
    hash = wrap(hash + BigInt(this.#total));
    const rest = this.#rest.slice(0, this.#restLength);
    const view = new DataView(rest.buffer);
    let at = 0;
    for (; at + 8 <= rest.length; at += 8) {
      hash = wrap(rotate(hash ^ round(0n, view.getBigUint64(at, true)), 27n) * prime1 + prime4);
    }
    if (at + 4 <= rest.length) {
      hash = wrap(rotate(hash ^ wrap(BigInt(view.getUint32(at, true)) * prime1), 23n) * prime2 + prime3);
      at += 4;
    }
    for (; at < rest.length; at++) hash = wrap(rotate(hash ^ wrap(BigInt(rest[at]) * prime5), 11n) * prime1);
    hash = wrap((hash ^ (hash >> 33n)) * prime2);
    hash = wrap((hash ^ (hash >> 29n)) * prime3);
    return (hash ^ (hash >> 32n)).toString(16).padStart(16, '0');
  }
}
