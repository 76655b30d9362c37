/**
 * Trains a byte-level BPE tokenizer: count the words of a corpus, learn merges from the counts, write the files.
 * The result depends only on the word counts: neither the order of documents nor how they are cut between words matters.
 */

import { setImmediate } from 'node:timers/promises';
import { UsageError } from '../../errors.ts';
import { splitSteps } from '../split-steps.ts';
import type { TokenizerFile } from '../tokenizer.ts';
import { WordCounts } from './count-words.ts';
import { BASE_SYMBOLS, learnMerges, type Merge } from './learn-merges.ts';
import { numberTokens } from './number-tokens.ts';
import { type DigitsPerToken, preTokenizer } from './pre-tokenizer.ts';
import { RESERVED_TOKENS } from './reserved-tokens.ts';
import { tokenizerFiles } from './tokenizer-files.ts';

/** The smallest vocabulary: the reserved tokens and the bytes; numbers come on top where they are tokens. */
export const MIN_VOCAB_SIZE = RESERVED_TOKENS.length + BASE_SYMBOLS.length;
const MAX_VOCAB_SIZE = 1 << 20;

/** Distinct words held at most, to stay below 4 GB; beyond, the rarest are forgotten. Real corpora have far fewer. */
const MAX_WORDS = 4_000_000;

/** How often the event loop runs and progress is reported. */
const BYTES_PER_REPORT = 1 << 22;
const MERGES_PER_REPORT = 256;

export type TrainProgress =
  | {
      readonly phase: 'count';
      readonly documents: number;
      /** UTF-8 bytes read so far, and per second. */
      readonly bytes: number;
      readonly bytesPerSecond: number;
      readonly words: number;
    }
  | {
      readonly phase: 'merge';
      readonly merges: number;
      readonly vocabSize: number;
      readonly targetVocabSize: number;
      readonly mergesPerSecond: number;
    };

export interface TrainOptions {
  /** Tokens in all, reserved ones included: at least `MIN_VOCAB_SIZE`. */
  readonly vocabSize: number;
  /** A pair must occur this often to become a token. Default 2. */
  readonly minFrequency?: number;
  /** Digits that a token holds at most; with 3, all 1,100 numbers of two and three digits are tokens. Default 1. */
  readonly digits?: DigitsPerToken;
  /** Distinct words held at most. Beyond, the result depends on the order of documents. Default 4 million. */
  readonly maxWords?: number;
  readonly onProgress?: (progress: TrainProgress) => void;
  readonly signal?: AbortSignal;
}

export interface TrainedTokenizer {
  readonly files: readonly TokenizerFile[];
  /** Smaller than asked for when the corpus has no more pairs that are frequent enough. */
  readonly vocabSize: number;
  readonly documents: number;
  readonly bytes: number;
  readonly words: number;
  readonly merges: number;
}

export async function trainTokenizer(
  documents: AsyncIterable<string> | Iterable<string>,
  options: TrainOptions,
): Promise<TrainedTokenizer> {
  const { vocabSize, minFrequency = 2, digits = 1, maxWords = MAX_WORDS, onProgress, signal } = options;
  const numbers = new Set(numberTokens(digits));
  const smallest = MIN_VOCAB_SIZE + numbers.size;
  checkInteger('vocabSize', vocabSize, smallest, MAX_VOCAB_SIZE);
  checkInteger('minFrequency', minFrequency, 1, Number.MAX_SAFE_INTEGER);
  checkInteger('maxWords', maxWords, 1, 2 ** 24);

  const words = new WordCounts(stepsOf(digits), maxWords);
  const counted = await countWords(documents, words, onProgress, signal);
  const merges: Merge[] = [];
  const started = performance.now();
  let size = smallest;
  const report = (): void =>
    onProgress?.({
      phase: 'merge',
      merges: merges.length,
      vocabSize: size,
      targetVocabSize: vocabSize,
      mergesPerSecond: rate(merges.length, started),
    });
  if (size < vocabSize) {
    for (const merge of learnMerges(wordsToLearn(words, numbers), minFrequency)) {
      merges.push(merge);
      if (!numbers.has(merge.left + merge.right)) size++;
      if (size === vocabSize) break;
      if (merges.length % MERGES_PER_REPORT !== 0) continue;
      report();
      await setImmediate();
      signal?.throwIfAborted();
    }
  }
  report();
  return {
    files: tokenizerFiles(merges, digits),
    vocabSize: size,
    documents: counted.documents,
    bytes: counted.bytes,
    words: words.size,
    merges: merges.length,
  };
}

function* wordsToLearn(words: WordCounts, known: ReadonlySet<string>): Generator<readonly [string, number]> {
  for (const entry of words.entries()) if (!known.has(entry[0])) yield entry;
}

async function countWords(
  documents: AsyncIterable<string> | Iterable<string>,
  words: WordCounts,
  onProgress: TrainOptions['onProgress'],
  signal: AbortSignal | undefined,
): Promise<{ readonly documents: number; readonly bytes: number }> {
  const started = performance.now();
  let read = 0;
  let bytes = 0;
  let reported = 0;
  const report = (): void =>
    onProgress?.({ phase: 'count', documents: read, bytes, bytesPerSecond: rate(bytes, started), words: words.size });
  for await (const text of documents) {
    words.add(text);
    read++;
    bytes += Buffer.byteLength(text);
    if (bytes - reported < BYTES_PER_REPORT) continue;
    reported = bytes;
    report();
    await setImmediate();
    signal?.throwIfAborted();
  }
  report();
  return { documents: read, bytes };
}

function stepsOf(digits: DigitsPerToken) {
  const steps = splitSteps(preTokenizer(digits).pretokenizers);
  if (steps === undefined) throw new Error('The pre-tokenizer of trained tokenizers must be one that can be split by.');
  return steps;
}

const rate = (amount: number, started: number): number =>
  amount / Math.max(1e-3, (performance.now() - started) / 1_000);

function checkInteger(field: string, value: number, minimum: number, maximum: number): void {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return;
  throw new UsageError({
    field,
    found: String(value),
    expected: `an integer from ${minimum} to ${maximum}`,
    fix: `Choose ${field} in this range.`,
  });
}
