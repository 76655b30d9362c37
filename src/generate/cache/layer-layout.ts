/** Where the keys of a sequence lie in the memory of one layer: all of them, or those that its window still needs. */
import { cellEnd, firstKeyRead, mostKeysRead } from './sliding-window.ts';

export interface LayoutOptions {
  /** Keys that a query of the layer sees. Undefined: all before it. */
  readonly window: number | undefined;
  /** Tokens of a sequence. */
  readonly capacity: number;
  /** Tokens that a sequence may be taken back by, whatever its length. */
  readonly rewind: number;
}

export class LayerLayout {
  /** Places for keys that a slot has for each head. */
  readonly places: number;
  /** Places before the first key that a step reads, for keys that a sequence that is taken back would read again. */
  readonly before: number;
  /** Undefined also where no sequence gets longer than it. */
  readonly #window: number | undefined;

  constructor({ window, capacity, rewind }: LayoutOptions) {
    const latest = firstKeyRead(capacity, window);
    this.#window = latest > 0 ? window : undefined;
    this.before = Math.min(rewind, latest);
    this.places =
      this.before + (this.#window === undefined ? capacity : Math.min(capacity, mostKeysRead(this.#window)));
  }

  /** The place of a position's key while the sequence has `length` tokens. */
  placeOf(position: number, length: number): number {
    return this.before + position - firstKeyRead(length, this.#window);
  }

  /** The first position that there is a place for while the sequence has `length` tokens. */
  firstKept(length: number): number {
    return Math.max(0, firstKeyRead(length, this.#window) - this.before);
  }

  /** The first position that a sequence of `length` tokens still needs. */
  firstNeeded(length: number): number {
    return this.#window === undefined ? 0 : Math.max(0, length - this.#window + 1);
  }

  /** Where a step that begins at `length` has to end. */
  stepEnd(length: number): number {
    return this.#window === undefined ? Number.POSITIVE_INFINITY : cellEnd(length);
  }
}
