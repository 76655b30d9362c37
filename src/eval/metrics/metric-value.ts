/**
 * What every metric reports: a value over the items that were answered, how many those are, and how many failed. A failed
 * item (a server's error, a prompt too long) is null and never counts as a wrong answer; an answer out of which nothing
 * could be read is an answer, and wrong.
 */
import {
  type BootstrapOptions,
  bootstrap,
  bootstrapStandardError,
  type WeightedStatistic,
} from '../statistics/bootstrap.ts';
import type { ClusterNames } from '../statistics/clusters.ts';
import type { Scores } from '../statistics/paired-scores.ts';
import { standardErrorOfMean, standardErrorOfRatio } from '../statistics/standard-error.ts';

export interface MetricValue {
  /** Null where it is undefined, as without items. */
  readonly value: number | null;
  /** Standard error of the value; null where it is undefined, as with one item. */
  readonly stderr: number | null;
  /** Items that the value is of. */
  readonly n: number;
  /** Items that failed. */
  readonly missing: number;
}

export interface MetricOptions {
  /** The document of each item, also of failed ones: items of one document err together. */
  readonly clusters?: ClusterNames;
}

/** Of metrics that are no means of items, whose errors are bootstrapped. */
export interface ResampledMetricOptions extends MetricOptions {
  readonly seed: number;
  /** Default 1000, which gives a standard error to about 2%. */
  readonly draws?: number;
}

export interface Answered<T> {
  readonly items: readonly T[];
  readonly clusters: ClusterNames | undefined;
  readonly missing: number;
}

/** The items that did not fail, with their clusters. */
export function answered<T>(items: readonly (T | null)[], clusters?: ClusterNames): Answered<T> {
  if (clusters !== undefined && clusters.length !== items.length) {
    throw new Error(`${clusters.length} cluster names for ${items.length} items`);
  }
  const kept = items.filter((item) => item !== null);
  return {
    items: kept,
    clusters: clusters?.filter((_, i) => items[i] !== null),
    missing: items.length - kept.length,
  };
}

/** Mean of item scores, with its cluster-robust standard error. */
export function meanValue(scores: Scores, options: MetricOptions = {}): MetricValue {
  const { items, clusters, missing } = answered(scores, options.clusters);
  const value = items.length === 0 ? null : items.reduce((a, b) => a + b, 0) / items.length;
  return { value, stderr: standardErrorOfMean(items, clusters), n: items.length, missing };
}

/**
 * sum(numerators) / sum(denominators) over the answered items, [answered items] each, with its cluster-robust standard error.
 * Null where the denominators sum to zero.
 */
export function ratioValue<T>(
  { items, clusters, missing }: Answered<T>,
  numerator: (item: T) => number,
  denominator: (item: T) => number,
): MetricValue {
  const numerators = items.map(numerator);
  const denominators = items.map(denominator);
  const total = denominators.reduce((a, b) => a + b, 0);
  if (total === 0) return { value: null, stderr: null, n: items.length, missing };
  const value = numerators.reduce((a, b) => a + b, 0) / total;
  return { value, stderr: standardErrorOfRatio(numerators, denominators, clusters), n: items.length, missing };
}

/**
 * A statistic of the answered items, with a bootstrap standard error. Undefined values become null.
 * @param label names the metric's random stream
 */
export function resampledValue<T>(
  { items, clusters, missing }: Answered<T>,
  statistic: WeightedStatistic,
  { seed, draws = 1000 }: Pick<ResampledMetricOptions, 'seed' | 'draws'>,
  label: string,
): MetricValue {
  const options: BootstrapOptions = { seed, draws, label, clusters };
  const result = bootstrap(items.length, statistic, options);
  const value = Number.isFinite(result.value) ? result.value : null;
  return { value, stderr: value === null ? null : bootstrapStandardError(result), n: items.length, missing };
}
