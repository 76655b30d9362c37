/** What is kept of a stream of bytes that may not end. */

/** The first `limit` bytes. */
export class Beginning {
  readonly #bytes: Uint8Array;
  #length = 0;
  truncated = false;

  constructor(limit: number) {
    this.#bytes = new Uint8Array(limit);
  }

  write(bytes: Uint8Array): void {
    const fitting = bytes.subarray(0, this.#bytes.length - this.#length);
    this.#bytes.set(fitting, this.#length);
    this.#length += fitting.length;
    if (fitting.length < bytes.length) this.truncated = true;
  }

  text(): string {
    return Buffer.from(this.#bytes.subarray(0, this.#length)).toString('utf8');
  }
}

/** The last `limit` bytes at least, and never more than twice as many. */
export class Ending {
  readonly #bytes: Uint8Array;
  readonly #limit: number;
  #length = 0;

  constructor(limit: number) {
    this.#limit = limit;
    this.#bytes = new Uint8Array(2 * limit);
  }

  write(bytes: Uint8Array): void {
    const last = bytes.subarray(-this.#limit);
    if (this.#length + last.length > this.#bytes.length) {
      this.#bytes.copyWithin(0, this.#length - this.#limit, this.#length);
      this.#length = this.#limit;
    }
    this.#bytes.set(last, this.#length);
    this.#length += last.length;
  }

  text(): string {
    return Buffer.from(this.#bytes.subarray(0, this.#length).subarray(-this.#limit)).toString('utf8');
  }
}
