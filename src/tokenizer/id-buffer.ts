/** A growable list of token ids. */
export class IdBuffer {
  #ids: Int32Array;
  #length = 0;

  constructor(capacity: number) {
    this.#ids = new Int32Array(Math.max(16, capacity));
  }

  push(id: number): void {
    if (this.#length === this.#ids.length) this.#reserve(1);
    this.#ids[this.#length++] = id;
  }

  pushAll(ids: Int32Array): void {
    this.#reserve(ids.length);
    this.#ids.set(ids, this.#length);
    this.#length += ids.length;
  }

  /** A copy of exactly the ids pushed so far. */
  copy(): Int32Array {
    return this.#ids.slice(0, this.#length);
  }

  #reserve(more: number): void {
    if (this.#length + more <= this.#ids.length) return;
    const grown = new Int32Array(Math.max(this.#ids.length * 2, this.#length + more));
    grown.set(this.#ids.subarray(0, this.#length));
    this.#ids = grown;
  }
}
