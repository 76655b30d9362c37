/** Perplexities and bits per byte from log-probabilities in nats, with standard errors by the delta method. */
import type { Scores } from '../statistics/paired-scores.ts';
import { answered, type MetricOptions, type MetricValue, meanValue, ratioValue } from './metric-value.ts';

export interface WeightedLogProbability {
  /** Log-probability of the whole text in nats, at most 0. */
  readonly sum: number;
  /** Words, UTF-8 bytes or tokens of the text. */
  readonly weight: number;
}

/** `perplexity`: exp(-mean log-probability of an item). */
export function perplexity(logProbabilities: Scores, options: MetricOptions = {}): MetricValue {
  return exponential(meanValue(logProbabilities, options));
}

/** `word_perplexity`, `byte_perplexity`, or of tokens: exp(-sum of log-probabilities / sum of weights). */
export function weightedPerplexity(
  items: readonly (WeightedLogProbability | null)[],
  options: MetricOptions = {},
): MetricValue {
  return exponential(perWeight(items, options));
}

/** `bits_per_byte`: -sum of log-probabilities / sum of bytes / ln 2. Compares models of different tokenizers. */
export function bitsPerByte(
  items: readonly (WeightedLogProbability | null)[],
  options: MetricOptions = {},
): MetricValue {
  const { value, stderr, ...counts } = perWeight(items, options);
  return { value: value && -value / Math.LN2, stderr: stderr && stderr / Math.LN2, ...counts };
}

/** Words as lm-evaluation-harness counts them for `word_perplexity`: pieces between runs of Python's white space. */
export function countWords(text: string): number {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: Python counts the four separators of ASCII as white space.
  return text.split(/[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+/).length;
}

function perWeight(items: readonly (WeightedLogProbability | null)[], { clusters }: MetricOptions): MetricValue {
  return ratioValue(
    answered(items, clusters),
    ({ sum }) => sum,
    ({ weight }) => weight,
  );
}

/** exp(-x), whose derivative is as large as itself. */
function exponential({ value, stderr, ...counts }: MetricValue): MetricValue {
  if (value === null) return { value, stderr, ...counts };
  const result = Math.exp(-value);
  return { value: result, stderr: stderr === null ? null : result * stderr, ...counts };
}
