/**
 * The logits of one token to come, of shape [vocabulary], with the maximum of each block of 256. The maxima are found in one
 * pass and save most of the others: the likeliest token lies in a block that is known, and what is below a bound is skipped
 * a block at a time.
 */
import { exponential, exponentialSum } from './exponential.ts';
import { nthLargest } from './selection.ts';

/** Smaller blocks give closer bounds, but each begins with comparisons that the processor predicts wrongly. */
const blockSize = 256;

const largestFloat32 = (2 - 2 ** -23) * 2 ** 127;

export class LogitsRow {
  readonly #maxima: Float32Array;
  readonly #sums: Float64Array;
  readonly #order: Float64Array;
  /** 1 for blocks whose maximum is to be found again. */
  readonly #changed: Uint8Array;
  #values: Float32Array;
  #max = Number.NEGATIVE_INFINITY;
  /** The scale that `#sums` were made with; NaN where they are out of date. */
  #sumScale = Number.NaN;
  #sum = 0;

  constructor(vocabulary: number) {
    const blocks = Math.ceil(vocabulary / blockSize);
    this.#maxima = new Float32Array(blocks);
    this.#sums = new Float64Array(blocks);
    this.#order = new Float64Array(blocks);
    this.#changed = new Uint8Array(blocks);
    this.#values = new Float32Array(vocabulary);
  }

  get values(): Float32Array {
    return this.#values;
  }

  /** The largest logit, NaN aside. -Infinity where no token is possible. */
  get max(): number {
    return this.#max;
  }

  /** Looks at `values`, which are not copied: they may not change while this row is used. */
  view(values: Float32Array): void {
    this.#values = values;
    this.#changed.fill(1);
    this.settle();
  }

  /** Becomes a copy of another row of the same vocabulary, to be changed. `settle` has to follow. */
  copy(other: LogitsRow): void {
    this.#values.set(other.#values);
    this.#maxima.set(other.#maxima);
  }

  /** What leaves the range of float32 stays at its end: only what was impossible before is impossible after. */
  set(id: number, value: number): void {
    if (this.#values[id] === Number.NEGATIVE_INFINITY) return;
    this.#values[id] = Math.max(-largestFloat32, Math.min(largestFloat32, value));
    this.#changed[Math.floor(id / blockSize)] = 1;
  }

  /** Makes a token impossible. */
  forbid(id: number): void {
    this.#values[id] = Number.NEGATIVE_INFINITY;
    this.#changed[Math.floor(id / blockSize)] = 1;
  }

  /** Makes all but some tokens impossible: bit `id % 32` of word `floor(id / 32)` is 1 for those that stay. */
  restrict(allowed: Uint32Array): void {
    const values = this.#values;
    for (let word = 0; word < allowed.length; word++) {
      const bits = allowed[word] | 0;
      if (bits === -1) continue;
      const start = word * 32;
      this.#changed[Math.floor(start / blockSize)] = 1;
      if (bits === 0) {
        values.fill(Number.NEGATIVE_INFINITY, start, start + 32);
        continue;
      }
      // From the highest bit that is 0 to the lowest; those beyond the vocabulary are no element of the array.
      for (let rest = ~bits; rest !== 0; ) {
        const bit = 31 - Math.clz32(rest);
        values[start + bit] = Number.NEGATIVE_INFINITY;
        rest ^= 1 << bit;
      }
    }
  }

  /** To be called after changes, before anything is asked. */
  settle(): void {
    const values = this.#values;
    const maxima = this.#maxima;
    let max = Number.NEGATIVE_INFINITY;
    for (let block = 0; block < maxima.length; block++) {
      if (this.#changed[block] === 1) {
        const start = block * blockSize;
        maxima[block] = maximum(values, start, Math.min(start + blockSize, values.length));
      }
      if (maxima[block] > max) max = maxima[block];
    }
    this.#changed.fill(0);
    this.#max = max;
    this.#sumScale = Number.NaN;
  }

  /** The lowest id among the likeliest. */
  argmax(): number {
    const block = this.#maxima.indexOf(this.#max);
    return this.#values.indexOf(this.#max, block * blockSize);
  }

  /** A logit that at least `count` tokens reach; -Infinity where the blocks do not tell. */
  reachedBy(count: number): number {
    // Each of the `count` highest blocks has a token at its maximum.
    if (count > this.#maxima.length) return Number.NEGATIVE_INFINITY;
    this.#order.set(this.#maxima);
    return nthLargest(this.#order, this.#order.length, count);
  }

  /** Writes the ids of all possible tokens whose logits reach `least` to `ids`, ascending. Returns how many. */
  idsFrom(least: number, ids: Int32Array): number {
    const values = this.#values;
    const bound = Math.max(least, -largestFloat32);
    let count = 0;
    for (let block = 0; block < this.#maxima.length; block++) {
      if (this.#maxima[block] < bound) continue;
      const start = block * blockSize;
      const end = Math.min(start + blockSize, values.length);
      for (let id = start; id < end; id++) if (values[id] >= bound) ids[count++] = id;
    }
    return count;
  }

  /** The sum of e^((logit - max) scale): at least 1, in float64. NaN where a logit is NaN or infinite. */
  weightSum(scale = 1): number {
    if (this.#sumScale === scale) return this.#sum;
    const sums = this.#sums;
    let sum = 0;
    for (let block = 0; block < sums.length; block++) {
      const start = block * blockSize;
      const end = Math.min(start + blockSize, this.#values.length);
      sums[block] = exponentialSum(this.#values, start, end, this.#max, scale);
      sum += sums[block];
    }
    this.#sumScale = scale;
    this.#sum = sum;
    return sum;
  }

  /**
   * The token where the running sum of e^((logit - max) scale), by ascending id, passes a share of the whole.
   * @param share in [0, 1)
   */
  tokenAt(share: number, scale: number): number {
    const target = share * this.weightSum(scale);
    const sums = this.#sums;
    let before = 0;
    let block = 0;
    // Rounding may leave a little at the end: it belongs to the last block that weighs anything.
    let last = 0;
    for (; block < sums.length; block++) {
      if (sums[block] === 0) continue;
      last = block;
      if (before + sums[block] > target) break;
      before += sums[block];
    }
    const start = last * blockSize;
    return this.#tokenAfter(block === sums.length ? Number.POSITIVE_INFINITY : target - before, start, scale);
  }

  /** The first token of a block at which the running sum passes `rest`, else its last one that weighs anything. */
  #tokenAfter(rest: number, start: number, scale: number): number {
    const values = this.#values;
    const end = Math.min(start + blockSize, values.length);
    let sum = 0;
    let last = start;
    for (let id = start; id < end; id++) {
      const weight = exponential((values[id] - this.#max) * scale);
      if (weight === 0) continue;
      last = id;
      sum += weight;
      if (sum > rest) break;
    }
    return last;
  }
}

/** NaN is passed over. One chain: a branch that is hardly ever taken costs less than waiting for a result. */
function maximum(values: Float32Array, start: number, end: number): number {
  let max = Number.NEGATIVE_INFINITY;
  let i = start;
  for (const whole = end - 3; i < whole; i += 4) {
    if (values[i] > max) max = values[i];
    if (values[i + 1] > max) max = values[i + 1];
    if (values[i + 2] > max) max = values[i + 2];
    if (values[i + 3] > max) max = values[i + 3];
  }
  for (; i < end; i++) if (values[i] > max) max = values[i];
  return max;
}
