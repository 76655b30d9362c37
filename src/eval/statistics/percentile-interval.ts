/** Intervals by the quantiles of bootstrap draws, and the p-value that belongs to them. Both NaN without draws. */
import type { Bootstrap } from './bootstrap.ts';
import { normalCdf, normalQuantile } from './distributions/normal.ts';
import { studentCdf, studentQuantile } from './distributions/student-t.ts';
import type { Interval } from './interval.ts';
import { quantile } from './quantile.ts';

/** Quantiles of the draws as they are. With few clusters G too narrow, by a share of about 1 / G. */
export function percentileInterval(
  { value, distribution }: Pick<Bootstrap, 'value' | 'distribution'>,
  confidence = 0.95,
): Interval {
  const tail = (1 - confidence) / 2;
  return { value, low: quantile(distribution, tail), high: quantile(distribution, 1 - tail) };
}

/**
 * Percentile interval widened for the number of clusters G, as a t interval is beside a normal one: its tails hold
 * Φ(sqrt(G / (G - 1)) t) in place of α / 2, t being the α / 2 quantile with G - 1 degrees of freedom (Hesterberg 2015,
 * "What teachers should know about the bootstrap", expanded percentile interval). All draws with one cluster.
 */
export function expandedPercentileInterval(result: Bootstrap, confidence = 0.95): Interval {
  const { clusters } = result;
  if (clusters < 2) return percentileInterval(result, 1);
  const t = studentQuantile((1 - confidence) / 2, clusters - 1);
  return percentileInterval(result, 1 - 2 * normalCdf(t * Math.sqrt(clusters / (clusters - 1))));
}

/**
 * Two-sided p-value of `nothing` as the true value: the smallest error probability α at which the expanded percentile
 * interval leaves it out. The draws count themselves among them, so that no finite number of them gives 0. 1 without two
 * clusters.
 */
export function bootstrapP({ distribution, clusters }: Bootstrap, nothing = 0): number {
  if (clusters < 2) return 1;
  let [below, above] = [0, 0];
  for (const drawn of distribution) {
    if (drawn <= nothing) below++;
    if (drawn >= nothing) above++;
  }
  const share = (Math.min(below, above) + 1) / (distribution.length + 1);
  if (share >= 0.5) return 1;
  return 2 * studentCdf(normalQuantile(share) * Math.sqrt((clusters - 1) / clusters), clusters - 1);
}
