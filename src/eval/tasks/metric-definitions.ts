/** The metrics that tasks may name: what they can be computed from, and what they are called when items are added up. */
import type { Aggregation } from './task.ts';

/**
 * What a metric is computed from: the likelihood of options; of one continuation; of a whole text; an option, a number or a
 * text that was read out of an answer; whether an answer declines; a judge's verdict; what `process_results` says.
 */
export type Evidence =
  | 'options'
  | 'continuation'
  | 'text-likelihood'
  | 'choice'
  | 'number'
  | 'text'
  | 'refusal'
  | 'verdict'
  | 'results';

export interface MetricDefinition {
  readonly from: readonly Evidence[];
  readonly aggregation: Aggregation;
  readonly higherIsBetter: boolean;
}

const mean = (...from: Evidence[]): MetricDefinition => ({ from, aggregation: 'mean', higherIsBetter: true });
const share = (...from: Evidence[]): MetricDefinition => ({ from, aggregation: 'mean', higherIsBetter: false });
const classes = (aggregation: Aggregation): MetricDefinition => ({
  from: ['options', 'choice'],
  aggregation,
  higherIsBetter: true,
});

export const METRICS: Readonly<Record<string, MetricDefinition>> = {
  acc: mean('options', 'continuation', 'choice'),
  acc_norm: mean('options'),
  acc_bytes: mean('options'),
  acc_mutual_info: mean('options'),
  brier_score: share('options'),
  calibration_error: { from: ['options'], aggregation: 'calibration_error', higherIsBetter: false },
  consistency: mean('options', 'choice'),
  f1: classes('f1'),
  f1_macro: classes('f1_macro'),
  f1_weighted: classes('f1_weighted'),
  mcc: classes('mcc'),
  balanced_acc: classes('balanced_acc'),
  perplexity: { from: ['continuation'], aggregation: 'perplexity', higherIsBetter: false },
  word_perplexity: { from: ['text-likelihood'], aggregation: 'weighted_perplexity', higherIsBetter: false },
  byte_perplexity: { from: ['text-likelihood'], aggregation: 'weighted_perplexity', higherIsBetter: false },
  bits_per_byte: { from: ['text-likelihood'], aggregation: 'bits_per_byte', higherIsBetter: false },
  exact_match: mean('options', 'text'),
  token_f1: mean('text'),
  rouge1: mean('text'),
  rouge2: mean('text'),
  rougeL: mean('text'),
  rougeLsum: mean('text'),
  number_match: mean('number'),
  sign_error: share('number'),
  unit_error: share('number'),
  scale_error: share('number'),
  refusal_precision: { from: ['refusal'], aggregation: 'weighted_mean', higherIsBetter: true },
  refusal_recall: { from: ['refusal'], aggregation: 'weighted_mean', higherIsBetter: true },
  over_refusal: { from: ['refusal'], aggregation: 'weighted_mean', higherIsBetter: false },
  judged: mean('verdict'),
};

/** What is measured where a task names nothing: for likelihoods the choice of upstream. */
export const STANDARD_METRICS: Readonly<Record<Evidence, readonly string[]>> = {
  options: ['acc', 'acc_norm'],
  continuation: ['perplexity', 'acc'],
  'text-likelihood': ['word_perplexity', 'byte_perplexity', 'bits_per_byte'],
  choice: ['acc'],
  number: ['number_match', 'sign_error', 'unit_error', 'scale_error'],
  text: ['exact_match'],
  refusal: ['refusal_precision', 'refusal_recall', 'over_refusal'],
  verdict: ['judged'],
  results: [],
};

/** Names by which upstream calls an aggregation that is another one here. */
const SYNONYMS: Readonly<Record<string, Aggregation>> = { brier_score: 'mean' };

/** Whether a task may ask for this aggregation: it says again what the metric does anyway. */
export function isAggregationOf(name: string, { aggregation }: MetricDefinition): boolean {
  return name === aggregation || (Object.hasOwn(SYNONYMS, name) && SYNONYMS[name] === aggregation);
}
