/** Student's t distribution. */
import { incompleteBeta } from './incomplete-beta.ts';
import { invert } from './invert.ts';

/** P(T <= t) with `degrees` > 0 degrees of freedom. */
export function studentCdf(t: number, degrees: number): number {
  const square = t * t;
  // Two forms of the same number, each without cancellation: near the middle, and in the tail.
  const tail =
    square < degrees
      ? 0.5 - incompleteBeta(square / (degrees + square), 0.5, degrees / 2) / 2
      : incompleteBeta(degrees / (degrees + square), degrees / 2, 0.5) / 2;
  return t < 0 ? tail : 1 - tail;
}

/** The t with P(T <= t) = p, for p in [1e-12, 1 - 1e-12]. */
export function studentQuantile(p: number, degrees: number): number {
  if (p > 0.5) return -studentQuantile(1 - p, degrees);
  return invert((t) => studentCdf(t, degrees), p, -1e12, 0);
}
