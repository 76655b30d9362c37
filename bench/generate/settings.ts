/** What a measurement is told, as options of its process; each takes what it needs. */
import type { Precision } from '../../src/models/inference-graph.ts';

export interface Settings {
  /** A name in bench/configs. */
  readonly config: string;
  readonly precision: Precision;
  readonly threads: number;
  /** Answers at once. */
  readonly batch: number;
  /** Tokens of the prompt. */
  readonly prompt: number;
  /** Tokens of each answer. */
  readonly tokens: number;
  /** Tokens that the cache has room for in each sequence. */
  readonly capacity: number;
  /** Measured, after one round that is not. */
  readonly repeats: number;
  /** Documents of each world. */
  readonly documents: number;
}

export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
