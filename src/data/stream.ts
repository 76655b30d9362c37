/**
 * The batches of a training run: a mixture of sources, each shuffled anew in every pass, packed through a bounded buffer.
 * Everything follows from the seed, and `state()` is all that a resumed run needs to go on with the same bits: shuffles are
 * made again from seed and pass, so what is kept are counters and the pieces that wait in the packing buffer.
 */

import { z } from 'zod';
import { InputError, UsageError } from '../errors.ts';
import { Mixture, type WeightSchedule } from './mixing.ts';
import { layOut, type PackedBatch } from './packed-batch.ts';
import { PackingBuffer } from './packing-buffer.ts';
import { cutDocument, type LongDocuments, newPieceCounts, type Piece, type PieceCounts } from './pieces.ts';
import { SourceCursor } from './source-cursor.ts';
import type { TokenStore } from './token-store.ts';

export interface StreamSource {
  /** Unique in the mixture; part of what the shuffle depends on. */
  readonly name: string;
  readonly store: TokenStore;
  /** Default 1. */
  readonly weight?: WeightSchedule;
  /** Passes after which the source leaves the mixture and the others share its weight. Default: no limit. */
  readonly maxEpochs?: number;
}

export interface BatchStreamOptions {
  /** Rows of a batch. */
  readonly rows: number;
  /** Tokens of a row. */
  readonly length: number;
  readonly seed: number;
  /** What weights are shares of. Default `tokens`. */
  readonly unit?: 'tokens' | 'examples';
  /** Units over which weight schedules run. */
  readonly total?: number;
  /** Token set after each document. */
  readonly endId?: number;
  readonly padId?: number;
  /** Default `split`. */
  readonly long?: LongDocuments;
  /** Pieces that wait to be packed. More fill rows better, fewer keep closer to the mixture's order. Default 512. */
  readonly bufferPieces?: number;
  /** Told once per source when its fifth pass begins: repeating text beyond four passes adds little (see `EPOCHS`). */
  readonly onWarning?: (warning: RepetitionWarning) => void;
}

export interface RepetitionWarning {
  readonly source: string;
  readonly epochs: number;
  readonly message: string;
}

/** Muennighoff et al., "Scaling data-constrained language models" (2023): up to four passes are about as good as new text. */
const EPOCHS = 4;

const count = z.number().int().nonnegative();
const stateSchema = z.strictObject({
  /** What the stream was made from; restoring into another is refused. */
  config: z.record(z.string(), z.string()),
  batches: count,
  mixture: z.strictObject({
    due: z.array(z.number()),
    drawn: z.array(z.number()),
    retired: z.array(z.boolean()),
  }),
  cursors: z.array(z.strictObject({ epoch: count, position: count })),
  /** Waiting pieces, oldest first: source, document, start, length. */
  pending: z.array(z.tuple([count, count, count, count])),
  counts: z.strictObject({ documents: count, long: count, extraPieces: count, lostTokens: count, empty: count }),
});

/** JSON-serialisable. */
export type BatchStreamState = z.infer<typeof stateSchema>;

export class BatchStream {
  readonly #sources: readonly StreamSource[];
  readonly #options: BatchStreamOptions;
  readonly #config: Record<string, string>;
  readonly #mixture: Mixture;
  readonly #cursors: readonly SourceCursor[];
  readonly #capacity: number;
  #buffer: PackingBuffer;
  #counts = newPieceCounts();
  #batches = 0;

  /** Throws a `UsageError` for settings that cannot work, naming the one. */
  constructor(sources: readonly StreamSource[], options: BatchStreamOptions) {
    validate(sources, options);
    const { seed, total, length, bufferPieces = 512 } = options;
    this.#sources = sources;
    this.#options = options;
    this.#config = describeConfig(sources, options);
    this.#mixture = new Mixture(
      sources.map(({ name, weight = 1 }) => ({ name, weight })),
      { total },
    );
    this.#cursors = sources.map(
      ({ name, store, maxEpochs }) => new SourceCursor({ name, documents: store.documents, seed, maxEpochs }),
    );
    this.#capacity = bufferPieces;
    this.#buffer = new PackingBuffer(length);
  }

  /** What was cut, left out or empty so far. */
  get counts(): Readonly<PieceCounts> {
    return this.#counts;
  }

  /** Per source: units drawn and passes completed. */
  progress(): { name: string; drawn: number; epochs: number }[] {
    const { drawn } = this.#mixture.state;
    return this.#sources.map(({ name, store }, k) => {
      const { epoch, position } = this.#cursors[k].state;
      return { name, drawn: drawn[k], epochs: epoch + position / Math.max(1, store.documents) };
    });
  }

  /** The next batch; `undefined` once every source has reached its last pass. The last batch may have rows of padding. */
  next(): PackedBatch | undefined {
    const rows: Piece[][] = [];
    while (rows.length < this.#options.rows) {
      this.#refill();
      const row = this.#buffer.takeRow();
      if (row.length === 0) break;
      rows.push(row);
    }
    if (rows.length === 0) return undefined;
    this.#batches++;
    return layOut(
      rows,
      this.#sources.map(({ store }) => store),
      this.#options,
    );
  }

  state(): BatchStreamState {
    return {
      config: { ...this.#config },
      batches: this.#batches,
      mixture: this.#mixture.state,
      cursors: this.#cursors.map((cursor) => cursor.state),
      pending: this.#buffer.pending().map(({ source, document, start, length }) => [source, document, start, length]),
      counts: { ...this.#counts },
    };
  }

  /**
   * Continues where `state()` was taken. Throws an `InputError` if the state is malformed, or was made with other settings or
   * other data, naming the first difference.
   */
  restore(state: unknown): void {
    const { config, batches, mixture, cursors, pending, counts } = parseState(state);
    for (const [field, expected] of Object.entries(this.#config)) {
      if (config[field] !== expected) throw mismatch(field, config[field] ?? 'nothing', expected);
    }
    const K = this.#sources.length;
    const complete = [mixture.due, mixture.drawn, mixture.retired, cursors].every((list) => list.length === K);
    if (!complete) throw mismatch('cursors', `counters of ${cursors.length} sources`, `counters of ${K}`);
    for (const [k, { position }] of cursors.entries()) {
      const { documents } = this.#sources[k].store;
      if (position > 0 && position >= documents)
        throw mismatch(`cursors.${k}`, `document ${position}`, `below ${documents}`);
    }
    const buffer = new PackingBuffer(this.#options.length);
    for (const [i, [source, document, start, length]] of pending.entries()) {
      const store = this.#sources[source]?.store;
      const end = store !== undefined && document < store.documents ? store.length(document) + 1 : 0;
      if (length < 1 || length > this.#options.length || start + length > end) {
        throw mismatch(
          `pending.${i}`,
          `tokens ${start}-${start + length} of document ${document}`,
          'a piece of the data',
        );
      }
      buffer.add({ source, document, start, length });
    }
    this.#buffer = buffer;
    this.#batches = batches;
    this.#mixture.state = mixture;
    this.#counts = { ...counts };
    for (const [k, cursor] of this.#cursors.entries()) cursor.state = cursors[k];
  }

  #refill(): void {
    while (this.#buffer.size < this.#capacity) {
      const k = this.#mixture.next();
      if (k < 0) return;
      this.#warnOfRepetition(k);
      const document = this.#cursors[k].next();
      if (document === undefined) {
        this.#mixture.retire(k);
        continue;
      }
      const pieces = cutDocument(this.#sources[k].store, k, document, this.#options, this.#counts);
      for (const piece of pieces) this.#buffer.add(piece);
      const tokens = pieces.reduce((sum, piece) => sum + piece.length, 0);
      // A document that gives nothing still counts as one token, or a source of such documents would be drawn for ever.
      this.#mixture.record(k, this.#options.unit === 'examples' ? 1 : Math.max(1, tokens));
    }
  }

  #warnOfRepetition(k: number): void {
    const { exhausted, state } = this.#cursors[k];
    if (exhausted || state.epoch !== EPOCHS || state.position !== 0) return;
    const { name } = this.#sources[k];
    this.#options.onWarning?.({
      source: name,
      epochs: EPOCHS,
      message: `'${name}' was read ${EPOCHS} times and starts again; set maxEpochs, lower its weight or add text.`,
    });
  }
}

function validate(sources: readonly StreamSource[], options: BatchStreamOptions): void {
  const wrong = (field: string, found: unknown, expected: string) =>
    new UsageError({ field, found: String(found), expected, fix: 'Correct it.' });
  const { bufferPieces = 512, rows, length } = options;
  for (const [field, value, least] of [
    ['rows', rows, 1],
    ['length', length, 2],
    ['bufferPieces', bufferPieces, 1],
  ] as const) {
    if (!Number.isInteger(value) || value < least) throw wrong(field, value, `an integer from ${least}`);
  }
  const names = sources.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice !== undefined) throw wrong('sources', `'${twice}' twice`, 'names that differ');
  for (const { name, store, maxEpochs = 1 } of sources) {
    if (store.documents === 0) throw wrong(`source '${name}'`, 'no documents', 'at least one');
    if (!Number.isInteger(maxEpochs) || maxEpochs < 1)
      throw wrong(`maxEpochs of '${name}'`, maxEpochs, 'an integer from 1');
    if (!givesPieces(store, options)) throw wrong(`source '${name}'`, 'no document that fits a row', 'at least one');
  }
}

/** Whether a source can fill rows at all; of one that cannot, the stream would draw for ever. */
function givesPieces(store: TokenStore, options: BatchStreamOptions): boolean {
  const counts = newPieceCounts();
  for (let document = 0; document < store.documents; document++) {
    if (cutDocument(store, 0, document, options, counts).length > 0) return true;
  }
  return false;
}

/** Everything that the sequence of batches depends on, flat and as text, so that a difference can be named. */
function describeConfig(sources: readonly StreamSource[], options: BatchStreamOptions): Record<string, string> {
  const { rows, length, seed, unit = 'tokens', total, endId, padId, long = 'split', bufferPieces = 512 } = options;
  const settings = { rows, length, seed, unit, total, endId, padId, long, bufferPieces, sources: sources.length };
  const described = Object.entries(settings).map(([name, value]) => [name, String(value)]);
  for (const [k, { name, store, weight = 1, maxEpochs }] of sources.entries()) {
    const source = { name, data: store.hash, weight: JSON.stringify(weight), maxEpochs };
    for (const [key, value] of Object.entries(source)) described.push([`sources.${k}.${key}`, String(value)]);
  }
  return Object.fromEntries(described);
}

function parseState(state: unknown): BatchStreamState {
  const parsed = stateSchema.safeParse(state);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw mismatch(issue.path.join('.') || 'state', issue.message, 'what state() gives');
}

function mismatch(field: string, found: string, expected: string): InputError {
  return new InputError({
    field: `data state, ${field}`,
    found,
    expected,
    fix: 'Resume with the settings and data of the interrupted run, or start a new run.',
  });
}
