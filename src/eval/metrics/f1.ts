/**
 * F1 of several classes. The mean over classes is of those that occur among right or predicted labels; a class that does
 * not occur has no F1, and scikit-learn leaves it out of the mean with `zero_division=nan`.
 */
import { type Classified, type ConfusionMatrix, classificationMetric, marginsOf } from './confusion-matrix.ts';
import type { MetricValue, ResampledMetricOptions } from './metric-value.ts';

/** `f1` with average `macro`: every class counts the same. */
export function macroF1(
  labels: readonly string[],
  items: readonly (Classified | null)[],
  options: ResampledMetricOptions,
): MetricValue {
  return classificationMetric(labels, items, macroF1Of, { ...options, label: 'macro f1' });
}

/**
 * `f1` with average `weighted`: classes count by how many items have them. Where wrong answers are left without a label,
 * it is 2a / (1 + a) at accuracy a rather than about a, for they are nobody's false positives: read it beside the accuracy.
 */
export function weightedF1(
  labels: readonly string[],
  items: readonly (Classified | null)[],
  options: ResampledMetricOptions,
): MetricValue {
  return classificationMetric(labels, items, weightedF1Of, { ...options, label: 'weighted f1' });
}

/** F1 of one class, as lm-evaluation-harness' `f1` is of label 1 of two. */
export function binaryF1(
  labels: readonly string[],
  items: readonly (Classified | null)[],
  options: ResampledMetricOptions & { readonly positive: string },
): MetricValue {
  const place = labels.indexOf(options.positive);
  if (place < 0) throw new Error(`the positive label ${options.positive} is not declared`);
  const metric = (matrix: ConfusionMatrix) => f1s(matrix)[place];
  return classificationMetric(labels, items, metric, { ...options, label: 'binary f1' });
}

export function macroF1Of(matrix: ConfusionMatrix): number {
  const defined = f1s(matrix).filter((f1) => !Number.isNaN(f1));
  return defined.reduce((a, b) => a + b, 0) / defined.length;
}

export function weightedF1Of(matrix: ConfusionMatrix): number {
  const { gold, total } = marginsOf(matrix);
  return f1s(matrix).reduce((sum, f1, i) => (gold[i] === 0 ? sum : sum + f1 * gold[i]), 0) / total;
}

/** F1 of each class; NaN for a class that does not occur. */
function f1s(matrix: ConfusionMatrix): Float64Array {
  const { gold, predicted, right } = marginsOf(matrix);
  return right.map((found, i) => (2 * found) / (gold[i] + predicted[i]));
}
