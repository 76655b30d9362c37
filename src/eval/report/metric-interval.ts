/** Where a metric would probably lie on other items of the same kind. */
import { type Bootstrap, bootstrap, bootstrapStandardError, type WeightedStatistic } from '../statistics/bootstrap.ts';
import { type ClusterNames, type Clusters, clustersOf } from '../statistics/clusters.ts';
import { normalQuantile } from '../statistics/distributions/normal.ts';
import { expandedPercentileInterval } from '../statistics/percentile-interval.ts';
import type { ResampleOptions } from '../statistics/resample.ts';
import { wilsonInterval } from '../statistics/wilson.ts';
import type { Contribution } from '../tasks/task.ts';
import { allOf } from './metric-statistic.ts';
import { areVerdicts } from './scored-item.ts';
import type { MetricInterval } from './summary.ts';

/** Items that are drawn for an interval, all draws together. */
const MOST_DRAWN = 2e7;

export interface MeasuredItems {
  readonly contributions: readonly Contribution[];
  readonly clusters: ClusterNames;
  /** The metric as the task aggregates it. */
  readonly value: number;
  readonly stderr: number | null;
  /** Undefined for metrics that are not resampled. */
  readonly statistic: WeightedStatistic | undefined;
  /** Whether the statistic of draws lies beside that of the items, as a calibration error, which chance only adds to. */
  readonly isBiased?: boolean;
}

export interface IntervalOptions extends ResampleOptions {
  readonly confidence: number;
}

export interface Uncertainty {
  readonly interval: MetricInterval | null;
  readonly stderr: number | null;
}

/**
 * Of independent items that are right or wrong the score interval of Wilson, and of a share of them that is 0 or 1; of others
 * a bootstrap over clusters; without either what the standard error says. Null where nothing can be said, as where all of few items are alike.
 */
export function uncertaintyOf(items: MeasuredItems, options: IntervalOptions): Uncertainty {
  const { contributions, clusters: names, value, statistic } = items;
  const n = contributions.length;
  if (n === 0) return { interval: null, stderr: null };
  const clusters = clustersOf(n, names);
  const verdicts = areVerdicts(contributions);
  const { confidence } = options;
  if (verdicts && clusters.count === n) {
    return { interval: shareInterval(value, n, confidence), stderr: items.stderr };
  }
  const { draws = drawsFor(n) } = options;
  const drawn =
    statistic && clusters.count > 1 ? bootstrap(n, statistic, { ...options, draws, clusters: names }) : undefined;
  if (drawn === undefined || !isClose(drawn.value, value)) return fromError(items, confidence);
  const stderr = items.stderr ?? bootstrapStandardError(drawn);
  // Draws that all come out the same do not mean that other items would.
  if (isDegenerate(drawn)) {
    const among = verdicts ? clusters.count : unanimous(contributions, clusters);
    return { interval: among === undefined ? null : shareInterval(value, among, confidence), stderr };
  }
  if (items.isBiased) return fromError({ ...items, stderr }, confidence, 0);
  const { low, high } = expandedPercentileInterval(drawn, confidence);
  return { interval: { low, high, method: 'bootstrap' }, stderr };
}

/**
 * Of a share that is 0 or 1 the clusters that it is of, without items that it says nothing about, as a recall of those that
 * were not to be declined; undefined of anything else.
 */
function unanimous(contributions: readonly Contribution[], { of }: Clusters): number | undefined {
  const counted = allOf(contributions, 'ratio')?.map(({ sum, weight }, i) => ({ sum, weight, cluster: of[i] }));
  const heard = counted?.filter(({ weight }) => weight > 0) ?? [];
  const isUnanimous = heard.every(({ sum }) => sum === 0) || heard.every(({ sum, weight }) => sum === weight);
  return heard.length > 0 && isUnanimous ? new Set(heard.map(({ cluster }) => cluster)).size : undefined;
}

/** Ten thousand, fewer for so many items that an interval would take seconds: at 1000 its ends vary by 2% of its width. */
function drawsFor(items: number): number {
  return Math.min(10_000, Math.max(1000, Math.round(MOST_DRAWN / items)));
}

function shareInterval(value: number, n: number, confidence: number): MetricInterval {
  const { low, high } = wilsonInterval(value * n, n, confidence);
  return { low: Math.max(0, low), high: Math.min(1, high), method: 'wilson' };
}

function fromError({ value, stderr }: MeasuredItems, confidence: number, least = -Infinity): Uncertainty {
  if (stderr === null || stderr === 0) return { interval: null, stderr };
  const half = normalQuantile((1 + confidence) / 2) * stderr;
  return { interval: { low: Math.max(least, value - half), high: value + half, method: 'normal' }, stderr };
}

function isDegenerate({ distribution }: Bootstrap): boolean {
  return distribution.length === 0 || distribution[0] === distribution[distribution.length - 1];
}

/** An interval of something else than the value shown would be worse than none. */
function isClose(a: number, b: number): boolean {
  return Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(b));
}
