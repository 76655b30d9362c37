/**
 * A set of integers in [0, size) that finds the next member up or down in O(log size): a tree of bit words, 32 children each,
 * where a bit says that the word below is not empty. Packing asks it for the fullest row that still has room, or for the
 * longest piece that still fits.
 */
export class LengthSet {
  readonly #size: number;
  /** From the members themselves up to a single word. */
  readonly #levels: Uint32Array[] = [];

  constructor(size: number) {
    this.#size = size;
    let width = size;
    do {
      width = Math.ceil(width / 32);
      this.#levels.push(new Uint32Array(width));
    } while (width > 1);
  }

  add(member: number): void {
    for (const words of this.#levels) {
      words[member >>> 5] |= 1 << (member & 31);
      member >>>= 5;
    }
  }

  delete(member: number): void {
    for (const words of this.#levels) {
      words[member >>> 5] &= ~(1 << (member & 31));
      if (words[member >>> 5] !== 0) return;
      member >>>= 5;
    }
  }

  /** The smallest member that is at least `bound`, or -1. */
  atLeast(bound: number): number {
    if (bound >= this.#size) return -1;
    let at = Math.max(0, bound);
    for (let level = 0; level < this.#levels.length; level++) {
      const words = this.#levels[level];
      const word = at >>> 5;
      if (word >= words.length) return -1;
      const bits = words[word] & (-1 << (at & 31));
      if (bits !== 0) return this.#descend(level, word * 32 + lowestBit(bits), lowestBit);
      at = word + 1;
    }
    return -1;
  }

  /** The largest member that is at most `bound`, or -1. */
  atMost(bound: number): number {
    if (bound < 0) return -1;
    let at = Math.min(this.#size - 1, bound);
    for (let level = 0; level < this.#levels.length; level++) {
      const word = at >>> 5;
      const bits = this.#levels[level][word] & (-1 >>> (31 - (at & 31)));
      if (bits !== 0) return this.#descend(level, word * 32 + highestBit(bits), highestBit);
      if (word === 0) return -1;
      at = word - 1;
    }
    return -1;
  }

  #descend(level: number, at: number, pick: (bits: number) => number): number {
    for (let below = level - 1; below >= 0; below--) at = at * 32 + pick(this.#levels[below][at]);
    return at;
  }
}

function lowestBit(bits: number): number {
  return 31 - Math.clz32(bits & -bits);
}

function highestBit(bits: number): number {
  return 31 - Math.clz32(bits);
}
