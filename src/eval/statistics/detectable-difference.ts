/** What a set of items can tell apart: the smallest true difference that a test would mostly find. */
import type { ClusterNames } from './clusters.ts';
import { normalQuantile } from './distributions/normal.ts';
import { pairedDifferences, type Scores } from './paired-scores.ts';
import { standardErrorOfMean } from './standard-error.ts';

export interface Power {
  /** Size of the two-sided test. Default 0.05. */
  readonly significance?: number;
  /** Probability of finding the difference. Default 0.8. */
  readonly power?: number;
}

/** (z of 1 - significance / 2 + z of power) x the standard error of the difference. */
export function detectableDifference(standardError: number, { significance = 0.05, power = 0.8 }: Power = {}): number {
  return (normalQuantile(1 - significance / 2) + normalQuantile(power)) * standardError;
}

/**
 * Between two models compared item by item, judged by how these two differ: models that err on the same items are told
 * apart by fewer of them. Null with fewer than two clusters.
 */
export function detectablePaired(first: Scores, second: Scores, clusters?: ClusterNames, power?: Power): number | null {
  const pairs = pairedDifferences(first, second, clusters);
  const standardError = standardErrorOfMean(pairs.differences, pairs.clusters);
  return standardError === null ? null : detectableDifference(standardError, power);
}

/**
 * Between two models of which only the means are known, each with its standard error: all that a table of published scores
 * can tell. Give the same error twice for a model that has not been measured yet.
 */
export function detectableUnpaired(standardErrors: readonly [number, number], power?: Power): number {
  return detectableDifference(Math.hypot(...standardErrors), power);
}
