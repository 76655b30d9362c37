/** Interpolation on spheres, as factors of the vectors that are combined. */

/**
 * Factors of two vectors on the great circle through them.
 * @param angle between them, in radians; where its sine is next to nothing the factors are those of a straight line
 */
export function arcFactors(angle: number, t: number, smallestSine: number): readonly [number, number] {
  const sine = Math.sin(angle);
  if (Math.abs(sine) < smallestSine) return [1 - t, t];
  return [Math.sin((1 - t) * angle) / sine, Math.sin(t * angle) / sine];
}

export function clamp(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}
