/** A score on a grid of two coefficients, S = mu + a(alpha) + b(beta) + ab: how much is interaction, and whose score it is. */

export interface GridPoint {
  readonly alpha: number;
  readonly beta: number;
  readonly score: number;
}

/** SS_ab / SS_total of the two-way layout without repetition; 0 for a score that does not vary. */
export function interactionShare(points: readonly GridPoint[]): number {
  const average = (those: readonly GridPoint[]) => those.reduce((sum, { score }) => sum + score, 0) / those.length;
  const mu = average(points);
  const along = (axis: 'alpha' | 'beta', value: number) => average(points.filter((point) => point[axis] === value));
  let [interaction, total] = [0, 0];
  for (const { alpha, beta, score } of points) {
    interaction += (score - along('alpha', alpha) - along('beta', beta) + mu) ** 2;
    total += (score - mu) ** 2;
  }
  return total === 0 ? 0 : interaction / total;
}

/** |dS/dalpha| / (|dS/dalpha| + |dS/dbeta|), slopes of least squares over the grid; 0.5 where there is none. */
export function selectivity(points: readonly GridPoint[]): number {
  const slope = (axis: 'alpha' | 'beta') => {
    const center = points.reduce((sum, point) => sum + point[axis], 0) / points.length;
    const spread = points.reduce((sum, point) => sum + (point[axis] - center) ** 2, 0);
    return points.reduce((sum, point) => sum + (point[axis] - center) * point.score, 0) / spread;
  };
  const [a, b] = [Math.abs(slope('alpha')), Math.abs(slope('beta'))];
  return a + b === 0 ? 0.5 : a / (a + b);
}
