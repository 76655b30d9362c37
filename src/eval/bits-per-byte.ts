/**
 * Bits per byte of held-out text: the negative log2-likelihood of its tokens over the UTF-8 bytes that they spell. Unlike
 * perplexity it compares models with different tokenizers.
 *
 * A document longer than the context is read in windows that overlap by one token, so that every token but the
 * document's first is predicted exactly once. Windows of many documents are packed into rows, isolated by segment ids.
 */
import type { PackedBatch } from '../data/packed-batch.ts';
import { packBestFitDecreasing } from '../data/packing.ts';
import type { TokenBatch } from '../objectives/causal-lm/batch.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { type HeldOutSet, predictedBytes } from './held-out.ts';
import { bootstrapRatio } from './statistics/bootstrap-ratio.ts';
import type { Interval } from './statistics/interval.ts';

/** What measuring needs of a program. */
export interface Scorer {
  readonly rows: number;
  readonly length: number;
  /** Negative log-likelihood in nats of each label, [rows * length]; valid until the next call. */
  score(batch: TokenBatch): Promise<Float32Array>;
}

export interface DocumentScore {
  readonly id: string;
  readonly source: string;
  /** Negative log-likelihood of all tokens but the first. */
  readonly nats: number;
  /** Bytes of these tokens. */
  readonly bytes: number;
}

export interface SourceBits extends Interval {
  readonly name: string;
  readonly documents: number;
  readonly bytes: number;
}

export interface SetBits extends SourceBits {
  /** The same for each source, when there is more than one. */
  readonly sources: readonly SourceBits[];
}

export interface ScoringProgress {
  readonly batches: number;
  readonly totalBatches: number;
}

export interface ScoringOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: ScoringProgress) => void;
}

interface Window {
  readonly document: number;
  readonly start: number;
  readonly length: number;
}

/** Scores every document of a set, in its order. */
export async function scoreDocuments(
  scorer: Scorer,
  { documents }: HeldOutSet,
  tokenizer: Pick<Tokenizer, 'tokenBytes'>,
  { signal, onProgress }: ScoringOptions = {},
): Promise<DocumentScore[]> {
  const { rows, length } = scorer;
  const windows = documents.flatMap(({ ids }, document) => windowsOf(ids.length, length, document));
  const { items, rowStarts } = packBestFitDecreasing(
    windows.map((window) => window.length),
    length,
  );
  const rowCount = rowStarts.length - 1;
  const nats = new Float64Array(documents.length);
  const totalBatches = Math.ceil(rowCount / rows);
  for (let first = 0; first < rowCount; first += rows) {
    signal?.throwIfAborted();
    const placed: { window: Window; at: number }[] = [];
    const batch = emptyBatch(rows, length);
    for (let row = first; row < Math.min(rowCount, first + rows); row++) {
      let at = (row - first) * length;
      for (let i = rowStarts[row]; i < rowStarts[row + 1]; i++) {
        const window = windows[items[i]];
        place(batch, documents[window.document].ids, window, { at, segment: i - rowStarts[row] + 1 });
        placed.push({ window, at });
        at += window.length;
      }
    }
    const losses = await scorer.score(batch);
    for (const { window, at } of placed) {
      for (let i = 0; i < window.length - 1; i++) nats[window.document] += losses[at + i];
    }
    onProgress?.({ batches: first / rows + 1, totalBatches });
  }
  return documents.map(({ id, source, ids }, i) => {
    return { id, source, nats: nats[i], bytes: predictedBytes(ids, tokenizer) };
  });
}

/** Windows of at most `length` tokens, each beginning with the last token of the one before. */
function windowsOf(tokens: number, length: number, document: number): Window[] {
  const windows: Window[] = [];
  for (let start = 0; start + 1 < tokens; start += length - 1) {
    windows.push({ document, start, length: Math.min(length, tokens - start) });
  }
  return windows;
}

type MutableBatch = Pick<PackedBatch, 'rows' | 'length' | 'ids' | 'segments' | 'positions' | 'labels'>;

function emptyBatch(rows: number, length: number): MutableBatch {
  const zeros = () => new Int32Array(rows * length);
  return { rows, length, ids: zeros(), segments: zeros(), positions: zeros(), labels: zeros().fill(-1) };
}

function place(
  batch: MutableBatch,
  ids: Int32Array,
  { start, length }: Window,
  { at, segment }: { at: number; segment: number },
): void {
  batch.ids.set(ids.subarray(start, start + length), at);
  batch.segments.fill(segment, at, at + length);
  batch.labels.set(ids.subarray(start + 1, start + length), at);
  for (let i = 0; i < length; i++) batch.positions[at + i] = i;
}

export interface IntervalOptions {
  /** For example 0.95. */
  readonly confidence: number;
  readonly seed: number;
}

const bits = 1 / Math.LN2;

/** Totals of a set and its sources, with bootstrap intervals over documents. */
export function bitsPerByte(name: string, scores: readonly DocumentScore[], options: IntervalOptions): SetBits {
  const total = (label: string, part: readonly DocumentScore[]): SourceBits => {
    const numerators = part.map(({ nats }) => nats * bits);
    const denominators = part.map(({ bytes }) => bytes);
    return {
      name: label,
      ...bootstrapRatio(numerators, denominators, { ...options, label }),
      documents: part.length,
      bytes: denominators.reduce((a, b) => a + b, 0),
    };
  };
  const names = [...new Set(scores.map(({ source }) => source))];
  const sources = names.length < 2 ? [] : names;
  return {
    ...total(name, scores),
    sources: sources.map((source) =>
      total(
        source,
        scores.filter((score) => score.source === source),
      ),
    ),
  };
}

/**
 * Relative change of bits per byte between two measurements of the same documents: -0.15 is 15% fewer bits. The
 * documents are drawn together for both, so what they have in common cancels.
 */
export function relativeChange(
  before: readonly DocumentScore[],
  after: readonly DocumentScore[],
  options: IntervalOptions,
): Interval {
  const paired = before.length === after.length && before.every(({ id }, i) => id === after[i].id);
  if (!paired) throw new Error('the measurements are not of the same documents');
  const ratio = bootstrapRatio(
    after.map(({ nats }) => nats),
    before.map(({ nats }) => nats),
    { ...options, label: 'change' },
  );
  return { value: ratio.value - 1, low: ratio.low - 1, high: ratio.high - 1 };
}
