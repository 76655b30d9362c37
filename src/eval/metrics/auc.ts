import { answered, type MetricValue, type ResampledMetricOptions, resampledValue } from './metric-value.ts';

export interface RankedItem {
  /** Higher for what the model holds to be positive. */
  readonly score: number;
  readonly positive: boolean;
}

/**
 * Area under the ROC curve: how often a positive item scores higher than a negative one, ties counting half (Mann and
 * Whitney 1947). Null without both kinds.
 */
export function auc(items: readonly (RankedItem | null)[], options: ResampledMetricOptions): MetricValue {
  const kept = answered(items, options.clusters);
  const wrong = kept.items.find(({ score }) => Number.isNaN(score));
  if (wrong) throw new Error('a score of AUC is not a number');
  const order = kept.items.map((_, i) => i).sort((a, b) => kept.items[a].score - kept.items[b].score);
  const scores = order.map((item) => kept.items[item].score);
  const positive = order.map((item) => kept.items[item].positive);
  const statistic = (weights: Uint32Array) => {
    let [wins, positives, negatives] = [0, 0, 0];
    for (let first = 0, end = 0; first < order.length; first = end) {
      let [tiedPositives, tiedNegatives] = [0, 0];
      for (; end < order.length && scores[end] === scores[first]; end++) {
        if (positive[end]) tiedPositives += weights[order[end]];
        else tiedNegatives += weights[order[end]];
      }
      wins += tiedPositives * (negatives + tiedNegatives / 2);
      positives += tiedPositives;
      negatives += tiedNegatives;
    }
    return wins / (positives * negatives);
  };
  return resampledValue(kept, statistic, options, 'auc');
}
