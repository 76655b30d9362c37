import { type ClusterNames, clusterSums, clustersOf } from './clusters.ts';

/**
 * Standard error of the mean of values: sd / sqrt(n), the sd being that of a sample; or, with clusters, robust against any
 * dependence inside them, with the small-sample factor G / (G - 1) for G clusters (CR1; Liang and Zeger 1986, Cameron and
 * Miller 2015, equation 11). The first is the second with clusters of one. Null with fewer than two clusters.
 */
export function standardErrorOfMean(values: ArrayLike<number>, clusters?: ClusterNames): number | null {
  return standardErrorOfRatio(values, new Float64Array(values.length).fill(1), clusters);
}

/**
 * Standard error of sum(numerators) / sum(denominators), linearized at the ratio (the delta method; Cochran 1977, section
 * 6.4). Null with fewer than two clusters; not a number where the denominators sum to zero.
 */
export function standardErrorOfRatio(
  numerators: ArrayLike<number>,
  denominators: ArrayLike<number>,
  names?: ClusterNames,
): number | null {
  const clusters = clustersOf(numerators.length, names);
  if (clusters.count < 2) return null;
  const total = sumOf(denominators);
  const ratio = sumOf(numerators) / total;
  const residuals = Float64Array.from({ length: numerators.length }, (_, i) => numerators[i] - ratio * denominators[i]);
  const squares = clusterSums(residuals, clusters).reduce((all, residual) => all + residual * residual, 0);
  return Math.sqrt((squares * clusters.count) / (clusters.count - 1)) / total;
}

function sumOf(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return sum;
}
