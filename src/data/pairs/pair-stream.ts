/** Batches of pairs for contrastive training, shuffled anew in each pass. */
import { z } from 'zod';
import { InputError } from '../../errors.ts';
import type { ContrastiveBatch } from '../../objectives/contrastive/batch.ts';
import { stream } from '../../random/stream.ts';

/** A pair as token ids. */
export interface TokenPair {
  readonly query: Int32Array;
  readonly positive: Int32Array;
  readonly negatives: readonly Int32Array[];
}

export interface PairStreamOptions {
  /** Queries of a batch. */
  readonly rows: number;
  /** Hard negatives of a query at most; of more, each pass takes others. */
  readonly negatives: number;
  readonly seed: number;
}

const stateSchema = z.strictObject({ drawn: z.int().nonnegative() });

export class PairStream {
  readonly #pairs: readonly TokenPair[];
  readonly #options: PairStreamOptions;
  /** Pairs given so far, over all passes. */
  #drawn = 0;
  #order: Uint32Array;

  constructor(pairs: readonly TokenPair[], options: PairStreamOptions) {
    this.#pairs = pairs;
    this.#options = options;
    this.#order = this.#shuffled();
  }

  get epoch(): number {
    return Math.floor(this.#drawn / this.#pairs.length);
  }

  next(): ContrastiveBatch {
    const { rows, negatives } = this.#options;
    const chosen: TokenPair[] = [];
    const hard: Int32Array[] = [];
    for (let row = 0; row < rows; row++) {
      const { epoch } = this;
      const at = this.#drawn % this.#pairs.length;
      if (at === 0) this.#order = this.#shuffled();
      const pair = this.#pairs[this.#order[at]];
      chosen.push(pair);
      const count = Math.min(negatives, pair.negatives.length);
      const start = (epoch * count) % Math.max(1, pair.negatives.length);
      for (let i = 0; i < count; i++) hard.push(pair.negatives[(start + i) % pair.negatives.length]);
      this.#drawn++;
    }
    const queries = chosen.map(({ query }) => query);
    const documents = [...chosen.map(({ positive }) => positive), ...hard];
    const tokens = [...queries, ...documents].reduce((sum, { length }) => sum + length, 0);
    return { queries, documents, labelCount: rows, tokens, examples: queries.length + documents.length };
  }

  state(): unknown {
    return { drawn: this.#drawn };
  }

  /** @throws InputError for a state of another form */
  restore(state: unknown): void {
    const parsed = stateSchema.safeParse(state);
    if (!parsed.success) {
      throw new InputError({
        field: 'training state, batches',
        found: parsed.error.issues[0].message,
        expected: 'what this version writes',
        fix: 'Go on from another checkpoint of the run, or start a new run.',
      });
    }
    this.#drawn = parsed.data.drawn;
    this.#order = this.#shuffled();
  }

  #shuffled(): Uint32Array {
    return stream(this.#options.seed, 'pairs', this.epoch).permutation(this.#pairs.length);
  }
}
