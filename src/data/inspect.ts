/** What one looks at before training: how much text there is, how long it is, how well it packs and what of it is learnt. */

import { IGNORED, type PackedBatch } from './packed-batch.ts';
import type { SourceStatistics, TokenizedCorpus } from './tokenized-corpus.ts';

export interface HistogramBin {
  /** Inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly count: number;
}

export interface CorpusInspection {
  readonly documents: number;
  readonly tokens: number;
  readonly bytes: number;
  /** How much text a token carries; the higher, the better the tokenizer fits the text. 0 without tokens. */
  readonly bytesPerToken: number;
  /** Documents by length in tokens, in bins that double. */
  readonly lengths: readonly HistogramBin[];
  readonly sources: readonly SourceStatistics[];
}

export function inspectCorpus(corpus: TokenizedCorpus): CorpusInspection {
  const { documents, tokens, bytes } = corpus;
  const lengths = lengthHistogram(Array.from({ length: documents }, (_, document) => corpus.length(document)));
  return { documents, tokens, bytes, bytesPerToken: ratio(bytes, tokens), lengths, sources: corpus.statistics() };
}

/** Bins [0, 1), [1, 2), [2, 4), [4, 8), ... from the shortest length to the longest. */
export function lengthHistogram(lengths: readonly number[]): HistogramBin[] {
  const counts: number[] = [];
  for (const length of lengths) {
    const bin = 32 - Math.clz32(length);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  const first = counts.findIndex((count) => count > 0);
  return Array.from(counts, (count = 0, bin) => ({ from: bin === 0 ? 0 : 2 ** (bin - 1), to: 2 ** bin, count })).slice(
    Math.max(0, first),
  );
}

export interface PackingInspection {
  readonly batches: number;
  readonly tokens: number;
  /** Tokens that are not padding, over all places. */
  readonly fill: number;
  readonly labels: number;
  /** Labels over tokens. Below 0.01 something is probably wrong with the mask. */
  readonly trainedShare: number;
  readonly examples: number;
  /** What a step of one batch averages over: with packing, the batch size that learning rates should be chosen for. */
  readonly examplesPerBatch: number;
  /** Examples of two tokens and more of which nothing is learnt. */
  readonly untrainedExamples: number;
}

export function inspectPacking(batches: Iterable<PackedBatch>): PackingInspection {
  let count = 0;
  let places = 0;
  let tokens = 0;
  let labels = 0;
  let examples = 0;
  let untrainedExamples = 0;
  for (const batch of batches) {
    count++;
    places += batch.rows * batch.length;
    tokens += batch.tokens;
    labels += batch.labelCount;
    examples += batch.examples;
    for (let row = 0; row < batch.rows; row++) {
      for (const { start, end } of rowSegments(batch, row)) {
        if (end - start > 1 && batch.labels.subarray(start, end).every((label) => label === IGNORED))
          untrainedExamples++;
      }
    }
  }
  return {
    batches: count,
    tokens,
    fill: ratio(tokens, places),
    labels,
    trainedShare: ratio(labels, tokens),
    examples,
    examplesPerBatch: ratio(examples, count),
    untrainedExamples,
  };
}

export interface RowSegment {
  readonly segment: number;
  /** Places in the batch's arrays, the end exclusive. */
  readonly start: number;
  readonly end: number;
}

/** The segments of a row in order, padding left out. */
export function rowSegments({ segments, length }: PackedBatch, row: number): RowSegment[] {
  const found: RowSegment[] = [];
  for (let start = row * length; start < (row + 1) * length; ) {
    const segment = segments[start];
    let end = start + 1;
    while (end < (row + 1) * length && segments[end] === segment) end++;
    if (segment !== 0) found.push({ segment, start, end });
    start = end;
  }
  return found;
}

function ratio(a: number, b: number): number {
  return b === 0 ? 0 : a / b;
}
