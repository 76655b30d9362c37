/** Where a run stands in one source: which pass over its pieces, in that pass's own order, and how far. */

import { stream } from '../random/stream.ts';

export interface CursorState {
  /** Passes completed, counted from 0. */
  readonly epoch: number;
  /** Pieces taken in this pass. */
  readonly position: number;
}

export interface CursorOptions {
  readonly name: string;
  /** Pieces of the source. */
  readonly size: number;
  readonly seed: number;
  /** Passes after which nothing more is given. Default: no limit. */
  readonly maxEpochs?: number;
}

/** Gives piece indices, each once a pass, in an order that depends on seed, name and pass only. */
export class SourceCursor {
  readonly #options: CursorOptions;
  #epoch = 0;
  #position = 0;
  #order: Uint32Array;

  constructor(options: CursorOptions) {
    this.#options = options;
    this.#order = this.#shuffled();
  }

  get state(): CursorState {
    return { epoch: this.#epoch, position: this.#position };
  }

  set state({ epoch, position }: CursorState) {
    this.#epoch = epoch;
    this.#position = position;
    this.#order = this.#shuffled();
  }

  get exhausted(): boolean {
    const { maxEpochs = Number.POSITIVE_INFINITY } = this.#options;
    return this.#options.size === 0 || this.#epoch >= maxEpochs;
  }

  /** The next piece, or `undefined` once exhausted. */
  next(): number | undefined {
    if (this.exhausted) return undefined;
    const index = this.#order[this.#position++];
    if (this.#position === this.#options.size) {
      this.#position = 0;
      this.#epoch++;
      if (!this.exhausted) this.#order = this.#shuffled();
    }
    return index;
  }

  /** The pieces that were given in this pass, in their order. */
  taken(): Uint32Array {
    return this.#order.subarray(0, this.#position);
  }

  #shuffled(): Uint32Array {
    const { seed, name, size } = this.#options;
    return stream(seed, 'shuffle', name, this.#epoch).permutation(size);
  }
}
