/**
 * Percentile bootstrap (Efron 1979) of a ratio over few documents. It draws one index at a time, unlike `resample.ts`, so
 * that the intervals of runs measured before stay what they were.
 */
import { stream } from '../../random/stream.ts';
import type { Interval } from './interval.ts';

export interface BootstrapOptions {
  /** Coverage of the interval, for example 0.95. */
  readonly confidence: number;
  readonly seed: number;
  /** Separates the random streams of different statistics. */
  readonly label: string;
  /** Default 1000. */
  readonly draws?: number;
}

/** sum(numerators) / sum(denominators), the pairs drawn with replacement. NaN without pairs. */
export function bootstrapRatio(
  numerators: readonly number[],
  denominators: readonly number[],
  { confidence, seed, label, draws = 1000 }: BootstrapOptions,
): Interval {
  const count = numerators.length;
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const value = sum(numerators) / sum(denominators);
  if (count === 0) return { value, low: value, high: value };
  const random = stream(seed, 'bootstrap', label);
  const ratios = Float64Array.from({ length: draws }, () => {
    let [numerator, denominator] = [0, 0];
    for (let i = 0; i < count; i++) {
      const drawn = random.below(count);
      numerator += numerators[drawn];
      denominator += denominators[drawn];
    }
    return numerator / denominator;
  }).sort();
  const quantile = (share: number) => ratios[Math.min(draws - 1, Math.max(0, Math.round(share * (draws - 1))))];
  return { value, low: quantile((1 - confidence) / 2), high: quantile((1 + confidence) / 2) };
}
