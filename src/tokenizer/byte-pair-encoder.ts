/**
 * Byte pair encoding of one word: starting from its bytes, join the adjacent pair with the best merge, the leftmost
 * among equals, until none is left (Sennrich et al. 2016, https://arxiv.org/abs/1508.07909).
 */

import { PairTable } from './pair-table.ts';

/** Up to this many bytes a scan over all pairs per merge is faster than a heap. */
const SCAN_LIMIT = 64;

export interface BytePairModel {
  /** [256] the id of each byte. */
  readonly byteIds: Int32Array;
  /** Ids of (left, right, merged) in order of priority. */
  readonly merges: readonly (readonly [left: number, right: number, merged: number])[];
}

export class BytePairEncoder {
  readonly #byteIds: Int32Array;
  readonly #ranks: PairTable;
  /** [merges] the id that each merge makes. */
  readonly #merged: Int32Array;
  readonly #scanRanks = new Int32Array(SCAN_LIMIT);

  constructor({ byteIds, merges }: BytePairModel) {
    this.#byteIds = byteIds;
    this.#merged = Int32Array.from(merges, (merge) => merge[2]);
    this.#ranks = new PairTable(merges.length);
    for (const [rank, [left, right]] of merges.entries()) this.#ranks.set(left, right, rank);
  }

  /** Replaces bytes[0, length) by their token ids in place and returns how many there are. */
  encode(word: Int32Array, length: number): number {
    for (let i = 0; i < length; i++) word[i] = this.#byteIds[word[i]];
    return length <= SCAN_LIMIT ? this.#encodeShort(word, length) : this.#encodeLong(word, length);
  }

  #encodeShort(word: Int32Array, length: number): number {
    const ranks = this.#scanRanks;
    for (let i = 0; i + 1 < length; i++) ranks[i] = this.#ranks.get(word[i], word[i + 1]);
    while (length > 1) {
      let best = -1;
      for (let i = 0; i + 1 < length; i++) {
        if (ranks[i] >= 0 && (best < 0 || ranks[i] < ranks[best])) best = i;
      }
      if (best < 0) break;
      word[best] = this.#merged[ranks[best]];
      length--;
      word.copyWithin(best + 1, best + 2, length + 1);
      ranks.copyWithin(best + 1, best + 2, length);
      if (best > 0) ranks[best - 1] = this.#ranks.get(word[best - 1], word[best]);
      if (best + 1 < length) ranks[best] = this.#ranks.get(word[best], word[best + 1]);
    }
    return length;
  }

  /** The same merges in O(n log n): a heap of (rank, position) over a linked list of symbols. */
  #encodeLong(word: Int32Array, length: number): number {
    const next = Int32Array.from({ length }, (_, i) => i + 1);
    const previous = Int32Array.from({ length }, (_, i) => i - 1);
    const heap = new MergeHeap();
    const offer = (left: number): void => {
      if (left < 0 || next[left] >= length) return;
      const rank = this.#ranks.get(word[left], word[next[left]]);
      if (rank >= 0) heap.push(rank, left);
    };
    for (let i = 0; i + 1 < length; i++) offer(i);
    while (heap.pop()) {
      const { rank, position } = heap;
      const right = next[position];
      // An entry is stale when one of its symbols has changed since it was offered; -1 marks a symbol that is gone.
      if (word[position] < 0 || right >= length || this.#ranks.get(word[position], word[right]) !== rank) continue;
      word[position] = this.#merged[rank];
      word[right] = -1;
      next[position] = next[right];
      if (next[position] < length) previous[next[position]] = position;
      offer(previous[position]);
      offer(position);
    }
    let count = 0;
    for (let i = 0; i < length; i = next[i]) word[count++] = word[i];
    return count;
  }
}

/** A binary min-heap of (rank, position), packed as rank * 2^31 + position: exact for ranks below 2^22. */
class MergeHeap {
  readonly #keys: number[] = [];
  rank = -1;
  position = -1;

  push(rank: number, position: number): void {
    const keys = this.#keys;
    const key = rank * 2 ** 31 + position;
    let at = keys.length;
    keys.push(key);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (keys[parent] <= key) break;
      keys[at] = keys[parent];
      at = parent;
    }
    keys[at] = key;
  }

  /** Takes the smallest entry into `rank` and `position`; false when empty. */
  pop(): boolean {
    const keys = this.#keys;
    if (keys.length === 0) return false;
    const top = keys[0];
    const key = keys.pop()!;
    const size = keys.length;
    if (size > 0) {
      let at = 0;
      for (let child = 1; child < size; child = 2 * at + 1) {
        if (child + 1 < size && keys[child + 1] < keys[child]) child++;
        if (keys[child] >= key) break;
        keys[at] = keys[child];
        at = child;
      }
      keys[at] = key;
    }
    this.rank = Math.floor(top / 2 ** 31);
    this.position = top % 2 ** 31;
    return true;
  }
}
