/**
 * Named random streams. `stream(seed, 'shuffle', 'filings', 3)` is always the same sequence, whatever else was drawn,
 * so adding a consumer cannot disturb another, and resuming needs only the labels and a counter.
 */

import { createHash } from 'node:crypto';
import { UsageError } from '../errors.ts';
import { philox4x32 } from './philox.ts';

const TWO_32 = 2 ** 32;

/** All there is to a stream: its 64-bit key as two unsigned words, and how many 32-bit words were drawn. */
export interface StreamState {
  readonly key: readonly [number, number];
  readonly counter: number;
}

/**
 * The stream of a seed and labels, at its beginning. Its key is the first 64 bits of the SHA-256 of both, as JSON, so that
 * different labels are independent: `('a', 'b')` is not `('ab')`, and `(1)` is not `('1')`.
 * Throws a `UsageError` when the seed is not an integer in [0, 2^53).
 */
export function stream(seed: number, ...labels: readonly (string | number)[]): RandomStream {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new UsageError({
      field: 'seed',
      found: String(seed),
      expected: 'an integer from 0 to 2^53 - 1',
      fix: 'Choose such a seed.',
    });
  }
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, ...labels]))
    .digest();
  return new RandomStream({ key: [digest.readUInt32LE(0), digest.readUInt32LE(4)], counter: 0 });
}

/** A sequence of 32-bit words and what is made of them. Every draw advances `counter` by the words that it consumed. */
export class RandomStream {
  readonly #key: readonly [number, number];
  readonly #block = new Uint32Array(4);
  /** Index of the block held in `#block`; blocks hold four words. */
  #held = -1;
  #counter: number;

  constructor(state: StreamState) {
    if (!Number.isSafeInteger(state.counter) || state.counter < 0) throw new Error(`bad counter ${state.counter}`);
    this.#key = [state.key[0] >>> 0, state.key[1] >>> 0];
    this.#counter = state.counter;
  }

  get state(): StreamState {
    return { key: this.#key, counter: this.#counter };
  }

  /** Uniform over the integers [0, 2^32). One word. */
  uint32(): number {
    const index = this.#counter++;
    const block = Math.floor(index / 4);
    if (block !== this.#held) {
      philox4x32((block % TWO_32) | 0, (block / TWO_32) | 0, 0, 0, this.#key[0], this.#key[1], this.#block);
      this.#held = block;
    }
    return this.#block[index % 4];
  }

  /** Uniform over the multiples of 2^-53 in [0, 1). Two words. */
  float(): number {
    const high = this.uint32() >>> 5;
    const low = this.uint32() >>> 6;
    return (high * 2 ** 26 + low) / 2 ** 53;
  }

  /**
   * Standard normal, by the cosine half of Box and Muller (1958). Four words; the sine half is thrown away so that the
   * counter alone is the state.
   */
  normal(): number {
    const radius = Math.sqrt(-2 * Math.log(1 - this.float()));
    return radius * Math.cos(2 * Math.PI * this.float());
  }

  /** Uniform over the integers [0, n), for an integer n in [1, 2^32]. One word, rarely more: the biased tail is redrawn. */
  below(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > TWO_32) throw new Error(`below(${n}): n must be an integer in [1, 2^32]`);
    const limit = TWO_32 - (TWO_32 % n);
    let word = this.uint32();
    while (word >= limit) word = this.uint32();
    return word % n;
  }

  /** A uniform order of 0..n-1 (Durstenfeld's form of the Fisher-Yates shuffle). */
  permutation(n: number): Uint32Array {
    const order = Uint32Array.from({ length: n }, (_, i) => i);
    for (let i = n - 1; i > 0; i--) {
      const j = this.below(i + 1);
      const swapped = order[i];
      order[i] = order[j];
      order[j] = swapped;
    }
    return order;
  }
}
