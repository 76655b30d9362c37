/** The standard normal distribution. */
import { invert } from './invert.ts';

/** P(Z <= x), in the lower tail exact relative to its own size. */
export function normalCdf(x: number): number {
  return x < 0 ? upperTail(-x) : 1 - upperTail(x);
}

/** The x with P(Z <= x) = p; infinite at 0 and 1, NaN outside. */
export function normalQuantile(p: number): number {
  if (p === 0) return Number.NEGATIVE_INFINITY;
  if (p === 1) return Number.POSITIVE_INFINITY;
  if (!(p > 0 && p < 1)) return Number.NaN;
  return p < 0.5 ? invert(normalCdf, p, -40, 0) : -invert(normalCdf, 1 - p, -40, 0);
}

/** P(Z > x) for x >= 0: a series near the middle (Marsaglia 2004), Laplace's continued fraction in the tail. */
function upperTail(x: number): number {
  const density = Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);
  if (x < 3) {
    let sum = 0;
    let term = x;
    for (let k = 3; sum + term !== sum; k += 2) {
      sum += term;
      term *= (x * x) / k;
    }
    return 0.5 - density * sum;
  }
  let fraction = x;
  for (let k = 120; k > 0; k--) fraction = x + k / fraction;
  return density / fraction;
}
