/** Two models on the same items, as data. Differences are those of B from A; what is undefined is null. */
import type { EvaluatedModel, Excerpt } from '../report/summary.ts';

export interface Comparison {
  readonly a: ComparedModel;
  readonly b: ComparedModel;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly confidence: number;
  readonly rows: readonly ComparisonRow[];
  /** Items that one of both got right, by the headline of each task. */
  readonly flips: readonly TaskFlips[];
  /** Tasks that only one of both was evaluated on. */
  readonly onlyA: readonly string[];
  readonly onlyB: readonly string[];
}

export interface ComparedModel extends Pick<EvaluatedModel, 'name' | 'identity'> {
  /** Name of the folder that its answers are in. */
  readonly folder: string;
}

/** `better` only where the interval leaves zero out and the adjusted p-value is below 0.05. */
export type Verdict = 'A better' | 'B better' | 'no difference shown';

export interface ComparisonRow {
  readonly task: string;
  readonly alias: string;
  readonly metric: string;
  readonly filter: string;
  readonly higherIsBetter: boolean;
  /** Of the items that both answered. */
  readonly a: number | null;
  readonly b: number | null;
  readonly difference: number | null;
  readonly interval: { readonly low: number; readonly high: number } | null;
  /** Two-sided, of no difference. */
  readonly p: number | null;
  readonly test: PairedTest | null;
  /** By Holm, over all rows that have a p-value. */
  readonly adjustedP: number | null;
  /** The smallest true difference that would be shown 4 times in 5, were each row tested at 0.05 / rows. */
  readonly detectable: number | null;
  /** Items that both answered. */
  readonly n: number;
  /** Items that either failed on. */
  readonly missing: number;
  /** Independent groups among the items; as many as items where each is by itself. */
  readonly clusters: number;
  readonly verdict: Verdict;
}

export type PairedTest = 'McNemar, mid-p' | 'sign flips' | 'swaps';

export interface TaskFlips {
  readonly task: string;
  readonly alias: string;
  readonly onlyA: number;
  readonly onlyB: number;
  /** At most ten of each. */
  readonly shown: readonly Flip[];
}

export interface Flip {
  readonly id: string;
  readonly right: 'A' | 'B';
  readonly answerA: Excerpt | null;
  readonly answerB: Excerpt | null;
}
