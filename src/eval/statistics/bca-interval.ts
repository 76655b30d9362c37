import type { Bootstrap, WeightedStatistic } from './bootstrap.ts';
import { type ClusterNames, clustersOf } from './clusters.ts';
import { normalCdf, normalQuantile } from './distributions/normal.ts';
import type { Interval } from './interval.ts';
import { percentileInterval } from './percentile-interval.ts';
import { quantile } from './quantile.ts';

/**
 * Bias-corrected and accelerated bootstrap interval (Efron 1987): the percentiles are moved for the median bias of the
 * draws, and for a standard error that changes with the value.
 * @param leftOut the statistic with a part of the data left out, for each part: see `jackknife`
 */
export function bcaInterval(
  { value, distribution }: Pick<Bootstrap, 'value' | 'distribution'>,
  leftOut: ArrayLike<number>,
  confidence = 0.95,
): Interval {
  let [below, upTo] = [0, 0];
  for (const drawn of distribution) {
    if (drawn < value) below++;
    if (drawn <= value) upTo++;
  }
  const bias = normalQuantile((below + upTo) / (2 * distribution.length));
  // With every draw on one side of the value there is no telling by how much to correct.
  if (!Number.isFinite(bias)) return percentileInterval({ value, distribution }, confidence);
  const acceleration = accelerationOf(leftOut);
  const moved = (share: number) => {
    const z = bias + normalQuantile(share);
    return quantile(distribution, normalCdf(bias + z / (1 - acceleration * z)));
  };
  return { value, low: moved((1 - confidence) / 2), high: moved((1 + confidence) / 2) };
}

/** Σ d³ / (6 (Σ d²)^(3/2)), d being how far each value lies below their mean (Efron 1987, equation 6.6). */
function accelerationOf(leftOut: ArrayLike<number>): number {
  const values = Float64Array.from(leftOut).filter((value) => !Number.isNaN(value));
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const squares = values.reduce((a, b) => a + (mean - b) ** 2, 0);
  const cubes = values.reduce((a, b) => a + (mean - b) ** 3, 0);
  return squares > 0 ? cubes / (6 * squares ** 1.5) : 0;
}

/**
 * The statistic of all items but those of a cluster, for each cluster. With more than `most` clusters, every `most`-th is
 * left out together: squares and cubes of independent influences add up, so the acceleration is the same in expectation.
 */
export function jackknife(
  items: number,
  statistic: WeightedStatistic,
  { clusters: names, most = 1000 }: { readonly clusters?: ClusterNames; readonly most?: number } = {},
): Float64Array {
  const clusters = clustersOf(items, names);
  const parts = Math.min(clusters.count, most);
  const weights = new Uint32Array(items);
  return Float64Array.from({ length: parts }, (_, part) => {
    for (let i = 0; i < items; i++) weights[i] = clusters.of[i] % parts === part ? 0 : 1;
    return statistic(weights);
  });
}
