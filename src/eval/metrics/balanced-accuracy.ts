import { type Classified, type ConfusionMatrix, classificationMetric, marginsOf } from './confusion-matrix.ts';
import type { MetricValue, ResampledMetricOptions } from './metric-value.ts';

/** Mean recall of the classes that occur: 1 / classes for any prediction that does not depend on the item. */
export function balancedAccuracy(
  labels: readonly string[],
  items: readonly (Classified | null)[],
  options: ResampledMetricOptions,
): MetricValue {
  return classificationMetric(labels, items, balancedAccuracyOf, { ...options, label: 'balanced accuracy' });
}

export function balancedAccuracyOf(matrix: ConfusionMatrix): number {
  const { gold, right } = marginsOf(matrix);
  const recalls = right.map((found, i) => found / gold[i]).filter((recall) => !Number.isNaN(recall));
  return recalls.reduce((a, b) => a + b, 0) / recalls.length;
}
