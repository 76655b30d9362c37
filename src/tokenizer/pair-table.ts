/**
 * A hash table from a pair of non-negative 32-bit integers to a non-negative 32-bit integer, in typed arrays with linear probing.
 * A `Map` keyed by a packed double costs several times more, and pair lookups dominate both encoding and training.
 */
export class PairTable {
  #lefts: Int32Array;
  #rights: Int32Array;
  #values: Int32Array;
  #mask: number;
  #size = 0;

  constructor(expected = 16) {
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(16, expected * 2)));
    this.#lefts = new Int32Array(capacity).fill(-1);
    this.#rights = new Int32Array(capacity);
    this.#values = new Int32Array(capacity);
    this.#mask = capacity - 1;
  }

  get size(): number {
    return this.#size;
  }

  /** The value of (left, right), or -1. */
  get(left: number, right: number): number {
    const slot = this.#slot(left, right);
    return this.#lefts[slot] === -1 ? -1 : this.#values[slot];
  }

  set(left: number, right: number, value: number): void {
    let slot = this.#slot(left, right);
    if (this.#lefts[slot] === -1) {
      if (this.#size * 2 > this.#mask) {
        this.#grow();
        slot = this.#slot(left, right);
      }
      this.#size++;
      this.#lefts[slot] = left;
      this.#rights[slot] = right;
    }
    this.#values[slot] = value;
  }

  /** Where the pair is, or the empty slot where it would be. */
  #slot(left: number, right: number): number {
    // Multiplicative mixing by odd constants near 2^32 / golden ratio; the shift brings the well-mixed high bits down.
    let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    let slot = (hash ^ (hash >>> 13)) & this.#mask;
    while (this.#lefts[slot] !== -1 && (this.#lefts[slot] !== left || this.#rights[slot] !== right)) {
      slot = (slot + 1) & this.#mask;
    }
    return slot;
  }

  #grow(): void {
    const [lefts, rights, values] = [this.#lefts, this.#rights, this.#values];
    const capacity = lefts.length * 2;
    this.#lefts = new Int32Array(capacity).fill(-1);
    this.#rights = new Int32Array(capacity);
    this.#values = new Int32Array(capacity);
    this.#mask = capacity - 1;
    for (let i = 0; i < lefts.length; i++) {
      if (lefts[i] === -1) continue;
      const slot = this.#slot(lefts[i], rights[i]);
      this.#lefts[slot] = lefts[i];
      this.#rights[slot] = rights[i];
      this.#values[slot] = values[i];
    }
  }
}
