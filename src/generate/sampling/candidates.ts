/** The tokens that top-k, top-p and min-p leave, found without sorting the vocabulary. */
import { exponential } from './exponential.ts';
import type { LogitsRow } from './logits-row.ts';
import { idOfRankKey, rankKey } from './rank-key.ts';
import { leastKeyOfMass, nthLargest } from './selection.ts';

/** As in `SamplingSettings`. */
export interface Filters {
  readonly topK: number;
  readonly topP: number;
  readonly minP: number;
}

/** Room for the candidates of one row at a time, by ascending id. */
export class Candidates {
  readonly #ids: Int32Array;
  readonly #keys: Float64Array;
  /** e^((logit - max) scale) */
  readonly #weights: Float64Array;
  /** Copies that selection may reorder. */
  readonly #keyOrder: Float64Array;
  readonly #weightOrder: Float64Array;
  #count = 0;

  constructor(vocabulary: number) {
    this.#ids = new Int32Array(vocabulary);
    this.#keys = new Float64Array(vocabulary);
    this.#weights = new Float64Array(vocabulary);
    this.#keyOrder = new Float64Array(vocabulary);
    this.#weightOrder = new Float64Array(vocabulary);
  }

  /** The ids of the `count` likeliest tokens, likeliest first; fewer where fewer are possible. */
  likeliest(row: LogitsRow, count: number): number[] {
    if (count === 0) return [];
    this.#gather(row, row.reachedBy(count));
    this.#keepLargest(count);
    return Array.from(this.#keys.subarray(0, this.#count).sort().reverse(), idOfRankKey);
  }

  /**
   * The token where the running sum of the weights of what is left, by ascending id, passes a share of the whole. Top-k
   * comes first, top-p is judged on the distribution that top-k leaves, and min-p on the same one: all three keep the
   * leading tokens of one ranking, so the strictest decides and the likeliest token always stays.
   *
   * @param share in [0, 1)
   */
  draw(row: LogitsRow, { topK, topP, minP }: Filters, scale: number, share: number): number {
    const isLimited = topK > 0 && topK < row.values.length;
    if (!isLimited && topP === 1 && minP === 0) return row.tokenAt(share, scale);
    if (isLimited) {
      this.#gather(row, row.reachedBy(topK));
      this.#keepLargest(topK);
      this.#weigh(row, scale);
      if (topP < 1) this.#keepMass(topP * this.#weightSum());
    } else if (topP < 1) {
      const mass = topP * row.weightSum(scale);
      this.#gatherMass(row, mass, scale);
      this.#keepMass(mass);
    } else {
      this.#gather(row, logitOf(minP, row, scale));
      this.#weigh(row, scale);
    }
    if (minP > 0) this.#keep((i) => this.#weights[i] >= minP);
    return this.#tokenAt(share);
  }

  #gather(row: LogitsRow, least: number): void {
    this.#count = row.idsFrom(least, this.#ids);
    const { values } = row;
    for (let i = 0; i < this.#count; i++) this.#keys[i] = rankKey(values[this.#ids[i]], this.#ids[i]);
  }

  /** Gathers tokens that weigh at least `mass` together, with no lighter one before a heavier one is in. */
  #gatherMass(row: LogitsRow, mass: number, scale: number): void {
    // Tokens lighter than this come to less than what may be missing, however many they are. Mostly far fewer are needed.
    const lightest = (row.weightSum(scale) - mass) / row.values.length;
    for (const factor of [256, 16, 1]) {
      this.#gather(row, logitOf(Math.min(1, factor * lightest), row, scale));
      this.#weigh(row, scale);
      if (this.#weightSum() >= mass) return;
    }
  }

  #weigh(row: LogitsRow, scale: number): void {
    const { values, max } = row;
    for (let i = 0; i < this.#count; i++) this.#weights[i] = exponential((values[this.#ids[i]] - max) * scale);
  }

  #keepLargest(count: number): void {
    if (count >= this.#count) return;
    this.#keyOrder.set(this.#keys.subarray(0, this.#count));
    const least = nthLargest(this.#keyOrder, this.#count, count);
    this.#keep((i) => this.#keys[i] >= least);
  }

  #keepMass(mass: number): void {
    this.#keyOrder.set(this.#keys.subarray(0, this.#count));
    this.#weightOrder.set(this.#weights.subarray(0, this.#count));
    const least = leastKeyOfMass(this.#keyOrder, this.#weightOrder, this.#count, mass);
    this.#keep((i) => this.#keys[i] >= least);
  }

  #keep(isKept: (i: number) => boolean): void {
    let kept = 0;
    for (let i = 0; i < this.#count; i++) {
      if (!isKept(i)) continue;
      this.#ids[kept] = this.#ids[i];
      this.#keys[kept] = this.#keys[i];
      this.#weights[kept++] = this.#weights[i];
    }
    this.#count = kept;
  }

  #weightSum(): number {
    let sum = 0;
    for (let i = 0; i < this.#count; i++) sum += this.#weights[i];
    return sum;
  }

  #tokenAt(share: number): number {
    const target = share * this.#weightSum();
    let sum = 0;
    let last = 0;
    for (let i = 0; i < this.#count; i++) {
      if (this.#weights[i] === 0) continue;
      last = i;
      sum += this.#weights[i];
      if (sum > target) break;
    }
    return this.#ids[last];
  }
}

/** Tokens of this weight have at least this logit: a hair less than the inverse says, since the weights are rounded. */
function logitOf(weight: number, row: LogitsRow, scale: number): number {
  return row.max + (Math.log(weight) - 1e-9) / scale;
}
