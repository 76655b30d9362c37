/**
 * The batches of a training run: a mixture of sources, the pieces of each shuffled anew in every pass, packed through a
 * bounded buffer.
 * Everything follows from the seed, and `state()` is all that a resumed run needs to go on with the same bits: shuffles are
 * made again from seed and pass, so what is kept are counters and the pieces that wait in the packing buffer.
 */

import { z } from 'zod';
import { InputError, UsageError } from '../errors.ts';
import { Mixture, type WeightSchedule } from './mixing.ts';
import { layOut, type PackedBatch } from './packed-batch.ts';
import { PackingBuffer } from './packing-buffer.ts';
import { cutStore, type LongDocuments, type Piece, type PieceCounts, type PieceTable } from './pieces.ts';
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
  /** What weights are shares of; a document that was split to m pieces is an m-th of an example in each. Default `tokens`. */
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
  /** Told once per source when a batch begins its fifth pass: repeating text beyond four adds little (see `FRESH_EPOCHS`). */
  readonly onWarning?: (warning: RepetitionWarning) => void;
}

interface RepetitionWarning {
  readonly source: string;
  readonly epochs: number;
  readonly message: string;
}

export interface SourceProgress {
  readonly name: string;
  readonly tokens: number;
}

interface Given {
  pieces: number;
  tokens: number;
}

/** Muennighoff et al., "Scaling data-constrained language models" (2023): up to four passes are about as good as new text. */
const FRESH_EPOCHS = 4;

const DEFAULT_BUFFER_PIECES = 512;

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
  /** Waiting pieces, oldest first: source, piece. */
  pending: z.array(z.tuple([count, count])),
});

/** JSON-serialisable. */
export type BatchStreamState = z.infer<typeof stateSchema>;

export class BatchStream {
  readonly #sources: readonly StreamSource[];
  readonly #options: BatchStreamOptions;
  readonly #config: Record<string, string>;
  readonly #mixture: Mixture;
  readonly #tables: readonly PieceTable[];
  readonly #cursors: readonly SourceCursor[];
  readonly #capacity: number;
  /** Of each source, what the batches so far hold. */
  readonly #given: Given[];
  /** Sources whose repetition was told: a stream that is looked at and restored tells it once. */
  readonly #told = new Set<number>();
  #buffer: PackingBuffer;
  #batches = 0;

  /** Throws a `UsageError` for settings that cannot work, naming the one. */
  constructor(sources: readonly StreamSource[], options: BatchStreamOptions) {
    validate(sources, options);
    const { seed, total, length, bufferPieces = DEFAULT_BUFFER_PIECES } = options;
    this.#sources = sources;
    this.#options = options;
    this.#config = describeConfig(sources, options);
    this.#mixture = new Mixture(
      sources.map(({ name, weight = 1 }) => ({ name, weight })),
      { total },
    );
    this.#tables = sources.map(({ name, store }, k) => nonEmpty(name, cutStore(store, k, options)));
    this.#cursors = sources.map(
      ({ name, maxEpochs }, k) => new SourceCursor({ name, size: this.#tables[k].size, seed, maxEpochs }),
    );
    this.#capacity = bufferPieces;
    this.#buffer = new PackingBuffer(length);
    this.#given = sources.map(() => ({ pieces: 0, tokens: 0 }));
  }

  /** What is cut, left out or empty in one pass over each source. */
  get counts(): Readonly<PieceCounts>[] {
    return this.#tables.map(({ counts }) => counts);
  }

  /** Batches given so far. */
  get batches(): number {
    return this.#batches;
  }

  /** Per source: tokens of its documents in the batches given so far, without the ends that were set behind them. */
  progress(): SourceProgress[] {
    return this.#sources.map(({ name }, k) => ({ name, tokens: this.#given[k].tokens }));
  }

  /** The next batch; `undefined` once every source has reached its last pass. The last batch may have rows of padding. */
  next(): PackedBatch | undefined {
    const rows: Piece[][] = [];
    while (rows.length < this.#options.rows) {
      this.#refill();
      const row = this.#buffer.takeRow();
      if (row.length === 0) break;
      for (const piece of row) this.#give(piece);
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
      pending: this.#buffer.pending().map(({ source, index }) => [source, index]),
    };
  }

  /**
   * Continues where `state()` was taken. Throws an `InputError` if the state is malformed, or was made with other settings or
   * other data, naming the first difference.
   */
  restore(state: unknown): void {
    const { config, batches, mixture, cursors, pending } = parseState(state);
    for (const [field, expected] of Object.entries(this.#config)) {
      if (config[field] !== expected) throw mismatch(field, config[field] ?? 'nothing', expected);
    }
    const K = this.#sources.length;
    const complete = [mixture.due, mixture.drawn, mixture.retired, cursors].every((list) => list.length === K);
    if (!complete) throw mismatch('cursors', `counters of ${cursors.length} sources`, `counters of ${K}`);
    for (const [k, { position }] of cursors.entries()) {
      const { size } = this.#tables[k];
      if (position >= size) throw mismatch(`cursors.${k}`, `piece ${position}`, `a piece below ${size}`);
    }
    const buffer = new PackingBuffer(this.#options.length);
    for (const [i, [source, index]] of pending.entries()) {
      const table = this.#tables[source];
      if (table === undefined || index >= table.size) {
        throw mismatch(`pending.${i}`, `piece ${index} of source ${source}`, 'a piece of the data');
      }
      buffer.add(table.piece(index));
    }
    this.#buffer = buffer;
    this.#batches = batches;
    this.#mixture.state = mixture;
    for (const [k, cursor] of this.#cursors.entries()) {
      cursor.state = cursors[k];
      this.#given[k] = this.#drawnBy(k);
    }
    for (const piece of buffer.pending()) this.#count(piece, -1);
  }

  #refill(): void {
    while (this.#buffer.size < this.#capacity) {
      const k = this.#mixture.next();
      if (k < 0) return;
      const index = this.#cursors[k].next();
      if (index === undefined) {
        this.#mixture.retire(k);
        continue;
      }
      const piece = this.#tables[k].piece(index);
      this.#buffer.add(piece);
      this.#mixture.record(k, this.#options.unit === 'examples' ? 1 / piece.parts : piece.length);
    }
  }

  #give(piece: Piece): void {
    this.#count(piece, 1);
    const { source } = piece;
    if (this.#given[source].pieces === FRESH_EPOCHS * this.#tables[source].size + 1) this.#warnOfRepetition(source);
  }

  #count(piece: Piece, sign: 1 | -1): void {
    const given = this.#given[piece.source];
    given.pieces += sign;
    given.tokens += sign * this.#ownTokens(piece);
  }

  /** Tokens of a piece that are its document's own. */
  #ownTokens({ source, document, start, length }: Piece): number {
    return Math.min(length, this.#sources[source].store.length(document) - start);
  }

  /** What a source's cursor has left behind, whether it waits to be packed or not. */
  #drawnBy(k: number): Given {
    const [table, cursor] = [this.#tables[k], this.#cursors[k]];
    const tokensOf = (indices: Iterable<number>) => {
      let tokens = 0;
      for (const index of indices) tokens += this.#ownTokens(table.piece(index));
      return tokens;
    };
    const { epoch, position } = cursor.state;
    const whole = epoch === 0 ? 0 : epoch * tokensOf(Array.from({ length: table.size }, (_, index) => index));
    return { pieces: epoch * table.size + position, tokens: whole + tokensOf(cursor.taken()) };
  }

  #warnOfRepetition(k: number): void {
    if (this.#told.has(k)) return;
    this.#told.add(k);
    const { name } = this.#sources[k];
    this.#options.onWarning?.({
      source: name,
      epochs: FRESH_EPOCHS,
      message: `'${name}' was read ${FRESH_EPOCHS} times and starts again: limit its passes, lower its weight or add text`,
    });
  }
}

function validate(sources: readonly StreamSource[], options: BatchStreamOptions): void {
  const { bufferPieces = DEFAULT_BUFFER_PIECES, rows, length } = options;
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
  for (const { name, maxEpochs = 1 } of sources) {
    if (!Number.isInteger(maxEpochs) || maxEpochs < 1)
      throw wrong(`maxEpochs of '${name}'`, maxEpochs, 'an integer from 1');
  }
}

/** A source without a piece would be drawn from for ever. */
function nonEmpty(name: string, table: PieceTable): PieceTable {
  if (table.size > 0) return table;
  const { documents, empty, long } = table.counts;
  const found = `no document that enters a row (of ${documents}, ${empty} are empty and ${long} longer than one)`;
  throw wrong(`source '${name}'`, found, 'at least one');
}

function wrong(field: string, found: unknown, expected: string): UsageError {
  return new UsageError({ field, found: String(found), expected, fix: 'Correct it.' });
}

/** Everything that the sequence of batches depends on, flat and as text, so that a difference can be named. */
function describeConfig(sources: readonly StreamSource[], options: BatchStreamOptions): Record<string, string> {
  const {
    rows,
    length,
    seed,
    unit = 'tokens',
    total,
    endId,
    padId,
    long = 'split',
    bufferPieces = DEFAULT_BUFFER_PIECES,
  } = options;
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
