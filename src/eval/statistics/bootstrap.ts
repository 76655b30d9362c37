/**
 * The bootstrap (Efron 1979): what a statistic would have been on other draws of the same size. Any statistic of items
 * that were drawn with repetition will do, such as a macro F1 or the difference of two; with clusters, whole clusters are
 * drawn.
 */
import { type ClusterNames, clustersOf } from './clusters.ts';
import { type ResampleOptions, resample } from './resample.ts';

/**
 * A statistic of items of which item i was drawn `weights[i]` times. NaN where it is undefined, as an AUC without
 * positives; such draws are left out of the distribution and counted.
 */
export type WeightedStatistic = (weights: Uint32Array) => number;

export interface BootstrapOptions extends ResampleOptions {
  /** The document of each item: items of one are drawn together. */
  readonly clusters?: ClusterNames;
}

export interface Bootstrap {
  /** The statistic with every item once. */
  readonly value: number;
  /** The statistic of each draw in which it is defined, ascending. */
  readonly distribution: Float64Array;
  readonly undefinedDraws: number;
  /** Clusters drawn each time. */
  readonly clusters: number;
}

/** Resamples of `items` items. */
export function bootstrap(items: number, statistic: WeightedStatistic, options: BootstrapOptions): Bootstrap {
  const clusters = clustersOf(items, options.clusters);
  const value = statistic(new Uint32Array(items).fill(1));
  const found: number[] = [];
  let undefinedDraws = 0;
  resample(clusters, options, (weights) => {
    const drawn = statistic(weights);
    if (Number.isNaN(drawn)) undefinedDraws++;
    else found.push(drawn);
  });
  return { value, distribution: Float64Array.from(found).sort(), undefinedDraws, clusters: clusters.count };
}

/** Standard deviation of the draws; null with fewer than two clusters or draws. */
export function bootstrapStandardError({ distribution, clusters }: Bootstrap): number | null {
  if (clusters < 2 || distribution.length < 2) return null;
  const mean = distribution.reduce((a, b) => a + b, 0) / distribution.length;
  const squares = distribution.reduce((a, b) => a + (b - mean) ** 2, 0);
  return Math.sqrt(squares / (distribution.length - 1));
}

/** sum of weight x value / sum of weights, the statistic that is resampled most. */
export function weightedMean(values: ArrayLike<number>): WeightedStatistic {
  return (weights) => {
    let [sum, count] = [0, 0];
    for (let i = 0; i < weights.length; i++) {
      sum += weights[i] * values[i];
      count += weights[i];
    }
    return sum / count;
  };
}
