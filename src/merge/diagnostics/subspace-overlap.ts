/** How far leading subspaces of two task vectors coincide, against subspaces drawn at random. */
import { Matrix, SVD } from 'ml-matrix';
import { type Dense, innerProducts } from './dense.ts';

export interface SubspaceOverlap {
  /** Cosines of the principal angles, descending: 1 for a direction that both have. */
  readonly cosines: readonly number[];
  /** Sum of their squares, |U_a^T U_b|_F^2. */
  readonly shared: number;
  /** Mean and variance of that sum for random subspaces of these dimensions. */
  readonly expected: number;
  readonly variance: number;
  /** The largest cosine that random subspaces of these dimensions approach. */
  readonly randomCosine: number;
}

/**
 * @param a orthonormal columns, [d, p]
 * @param b orthonormal columns, [d, q]
 */
export function subspaceOverlap(a: Dense, b: Dense): SubspaceOverlap {
  const { values } = innerProducts(a, b);
  const cosines = new SVD(Matrix.from1DArray(a.columns, b.columns, values), {
    computeLeftSingularVectors: false,
    computeRightSingularVectors: false,
    autoTranspose: true,
  }).diagonal.map((cosine) => Math.min(1, Math.abs(cosine)));
  const shared = cosines.reduce((sum, cosine) => sum + cosine ** 2, 0);
  return { cosines, shared, ...randomOverlap(a.values.length / a.columns, a.columns, b.columns) };
}

/**
 * Uniformly random subspaces of dimensions p and q in d dimensions. Mean and variance of the trace of the product of two
 * random projections are exact; the largest cosine is the edge of its limiting distribution (Wachter 1980).
 */
export function randomOverlap(
  d: number,
  p: number,
  q: number,
): Pick<SubspaceOverlap, 'expected' | 'variance' | 'randomCosine'> {
  const expected = (p * q) / d;
  const variance = d > 1 ? (2 * p * q * (d - p) * (d - q)) / (d * d * (d - 1) * (d + 2)) : 0;
  const edge = (Math.sqrt(p * (d - q)) + Math.sqrt(q * (d - p))) / d;
  return { expected, variance, randomCosine: p + q >= d ? 1 : Math.min(1, edge) };
}
