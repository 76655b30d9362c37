/**
 * The batches of a training run of an encoder-decoder: all pairs of all sources in each pass, shuffled anew, of like lengths
 * in each batch. Everything follows from the seed and the number of batches drawn, which is all that a resumed run needs.
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { InputError } from '../errors.ts';
import { layOutPairs, type Seq2SeqBatch, type TextPair } from '../objectives/seq2seq/batch.ts';
import { stream } from '../random/stream.ts';
import { fitsRows, type PairSides, sidesOf } from './conversations/encode-pair.ts';
import type { SourceProgress } from './stream.ts';
import type { TokenStore } from './token-store.ts';

/** Pairs as `encodePair` makes them. */
export interface PairSource {
  readonly name: string;
  readonly store: TokenStore;
}

export interface Seq2SeqStreamOptions {
  /** Pairs of a batch. */
  readonly rows: number;
  /** Tokens of either side, at most: longer pairs are left out. */
  readonly length: number;
  readonly seed: number;
  /** What every answer begins after. */
  readonly startId: number;
  /** Default: no limit. */
  readonly epochs?: number;
}

/** A batch as a trainer counts it. */
export interface LearntPairs extends Seq2SeqBatch {
  /** Places of a row, on both sides. */
  readonly length: number;
  /** Those that are no padding. */
  readonly tokens: number;
  readonly examples: number;
}

/** Batches that are made of neighbours by length: many enough for little padding, few enough for every step to be a mixture. */
const windowBatches = 32;

/** Shorter rows are not worth a program of their own. */
const shortestRow = 8;

/** Lengths of rows: the longest text, its half and a quarter of it. */
const halvings = 2;

/** For each side, by the tokens of a text the length of the row that holds it: few lengths, so few programs. */
export function rowLengths(pairs: readonly PairSides[]): Readonly<Record<keyof PairSides, (tokens: number) => number>> {
  const of = (side: keyof PairSides) => {
    const longest = pairs.reduce((most, pair) => Math.max(most, pair[side]), 1);
    const rungs = Array.from({ length: halvings + 1 }, (_, k) => Math.ceil(longest / 2 ** k)).reverse();
    const lengths = rungs.filter((rung) => rung === longest || rung >= shortestRow);
    return (tokens: number) => lengths.find((length) => length >= tokens)!;
  };
  return { input: of('input'), target: of('target') };
}

const stateSchema = z.strictObject({
  /** What the stream was made from; restoring into another is refused. */
  config: z.string(),
  batches: z.int().nonnegative(),
});

interface Place extends PairSides {
  readonly source: number;
  readonly document: number;
}

export class Seq2SeqStream {
  readonly #sources: readonly PairSource[];
  readonly #options: Seq2SeqStreamOptions;
  readonly #places: readonly Place[];
  readonly #rowLengths: ReturnType<typeof rowLengths>;
  readonly #config: string;
  /** Tokens of each source in the batches so far. */
  readonly #given: number[];
  #batches = 0;
  /** The pass that is drawn from, and its batches. */
  #pass: { readonly epoch: number; readonly order: readonly (readonly Place[])[] } | undefined;

  constructor(sources: readonly PairSource[], options: Seq2SeqStreamOptions) {
    const { length } = options;
    this.#sources = sources;
    this.#options = options;
    this.#places = sources
      .flatMap(({ store }, source) => placesOf(store, source))
      .filter((place) => fitsRows(place, length));
    this.#rowLengths = rowLengths(this.#places);
    this.#config = configOf(sources, options);
    this.#given = sources.map(() => 0);
  }

  /** Pairs of a pass. */
  get pairs(): number {
    return this.#places.length;
  }

  get batchesOfPass(): number {
    return Math.ceil(this.pairs / this.#options.rows);
  }

  /** Undefined when all passes are done. */
  next(): LearntPairs | undefined {
    const { epochs = Number.POSITIVE_INFINITY } = this.#options;
    if (this.pairs === 0 || this.#batches >= epochs * this.batchesOfPass) return undefined;
    const epoch = Math.floor(this.#batches / this.batchesOfPass);
    if (this.#pass?.epoch !== epoch) this.#pass = { epoch, order: this.#order(epoch) };
    const places = this.#pass.order[this.#batches % this.batchesOfPass];
    this.#batches++;
    this.#count(places);
    return this.#layOut(places);
  }

  state(): unknown {
    return { config: this.#config, batches: this.#batches };
  }

  /** @throws InputError for a state of other pairs or settings */
  restore(state: unknown): void {
    const parsed = stateSchema.safeParse(state);
    if (!parsed.success || parsed.data.config !== this.#config) {
      throw new InputError({
        field: 'training state, batches',
        found: parsed.success ? 'other pairs or settings' : parsed.error.issues[0].message,
        expected: 'those that the run was started with',
        fix: 'Go on with the data and settings of the run, or start a new run.',
      });
    }
    this.#batches = parsed.data.batches;
    this.#pass = undefined;
    this.#recount();
  }

  /** What the batches so far hold of each source. */
  progress(): readonly SourceProgress[] {
    return this.#sources.map(({ name }, i) => ({ name, tokens: this.#given[i] }));
  }

  /** Whole passes hold every pair once. */
  #recount(): void {
    this.#given.fill(0);
    const passes = Math.floor(this.#batches / Math.max(1, this.batchesOfPass));
    for (let pass = 0; pass < passes; pass++) this.#count(this.#places);
    const rest = this.#batches % Math.max(1, this.batchesOfPass);
    if (rest > 0) for (const places of this.#order(passes).slice(0, rest)) this.#count(places);
  }

  #count(places: readonly Place[]): void {
    for (const { source, input, target } of places) this.#given[source] += input + target;
  }

  /** The batches of a pass: windows of shuffled pairs, each sorted by length and cut, its batches shuffled. */
  #order(epoch: number): readonly (readonly Place[])[] {
    const { seed, rows } = this.#options;
    const shuffled = Array.from(stream(seed, 'pairs', epoch).permutation(this.pairs), (i) => this.#places[i]);
    const batches: (readonly Place[])[] = [];
    for (let start = 0; start < shuffled.length; start += windowBatches * rows) {
      const window = shuffled.slice(start, start + windowBatches * rows).sort(byLength);
      const cut = Array.from({ length: Math.ceil(window.length / rows) }, (_, i) =>
        window.slice(i * rows, (i + 1) * rows),
      );
      const order = stream(seed, 'batches', epoch, start).permutation(cut.length);
      // The last batch of a pass is the one that may be short.
      batches.push(...Array.from(order, (i) => cut[i]).sort((a, b) => b.length - a.length));
    }
    return batches;
  }

  #layOut(places: readonly Place[]): LearntPairs {
    const { rows, startId } = this.#options;
    const pairs = places.map(({ source, document, input }): TextPair => {
      const ids = this.#sources[source].store.ids(document);
      return { input: ids.subarray(0, input), target: ids.subarray(input) };
    });
    const inputLength = this.#rowLengths.input(Math.max(...places.map(({ input }) => input)));
    const targetLength = this.#rowLengths.target(Math.max(...places.map(({ target }) => target)));
    const batch = layOutPairs(pairs, { rows, inputLength, targetLength, startId });
    const tokens = places.reduce((sum, { input, target }) => sum + input + target, 0);
    return { ...batch, length: inputLength + targetLength, tokens, examples: places.length };
  }
}

function placesOf(store: TokenStore, source: number): Place[] {
  return Array.from({ length: store.documents }, (_, document) => {
    return { source, document, ...sidesOf(store.trained!(document)!) };
  });
}

/** Equal ones stay in the order of the shuffle. */
const byLength = (a: Place, b: Place): number => a.input + a.target - b.input - b.target;

function configOf(
  sources: readonly PairSource[],
  { rows, length, seed, epochs, startId }: Seq2SeqStreamOptions,
): string {
  const facts = [sources.map(({ name, store }) => [name, store.hash]), rows, length, seed, epochs ?? null, startId];
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}
