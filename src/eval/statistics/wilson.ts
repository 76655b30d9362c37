import { normalQuantile } from './distributions/normal.ts';
import type { Interval } from './interval.ts';

/**
 * Interval of a share (Wilson 1927): of `successes` among `n` independent items. Stays inside [0, 1], and says something
 * even of 0 out of n, unlike value ± 2 standard errors. The value is NaN, between 0 and 1, of none.
 */
export function wilsonInterval(successes: number, n: number, confidence = 0.95): Interval {
  if (n === 0) return { value: Number.NaN, low: 0, high: 1 };
  const z = normalQuantile((1 + confidence) / 2);
  const value = successes / n;
  const middle = (value + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((value * (1 - value)) / n + (z * z) / (4 * n * n));
  return { value, low: successes === 0 ? 0 : middle - half, high: successes === n ? 1 : middle + half };
}
