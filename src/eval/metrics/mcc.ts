import { type Classified, type ConfusionMatrix, classificationMetric, marginsOf } from './confusion-matrix.ts';
import type { MetricValue, ResampledMetricOptions } from './metric-value.ts';

/**
 * `mcc`: Matthews' correlation coefficient of several classes (Gorodkin 2004), 0 for any prediction that does not depend on
 * the item. An unparsed answer is a class that no item has.
 */
export function mcc(
  labels: readonly string[],
  items: readonly (Classified | null)[],
  options: ResampledMetricOptions,
): MetricValue {
  return classificationMetric(labels, items, mccOf, { ...options, label: 'mcc' });
}

/**
 * (c s - Σ p t) / sqrt((s² - Σ p²) (s² - Σ t²)) for c right of s items, t having and p predicted to have each label. 0
 * where only one label is predicted or occurs, NaN without items.
 */
export function mccOf(matrix: ConfusionMatrix): number {
  const { gold, predicted, right, total } = marginsOf(matrix);
  if (total === 0) return Number.NaN;
  const squares = (values: Float64Array) => values.reduce((sum, value) => sum + value * value, 0);
  const correct = right.reduce((a, b) => a + b, 0);
  const chance = gold.reduce((sum, count, i) => sum + count * predicted[i], 0);
  const spread = (total ** 2 - squares(predicted)) * (total ** 2 - squares(gold));
  return spread === 0 ? 0 : (correct * total - chance) / Math.sqrt(spread);
}
