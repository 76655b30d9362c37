/** The inner product of what only the leading directions of two matrices make of them, U S V^T, without making them. */
import { type Dense, innerProducts } from './dense.ts';

export interface LeadingPart {
  readonly values: readonly number[];
  /** [rows, k] and [columns, k], orthonormal. */
  readonly left: Dense;
  readonly right: Dense;
}

/** Sums of parts add up to the sums of the whole. */
export interface LeadingProducts {
  dot: number;
  squaresA: number;
  squaresB: number;
}

/** <A_k, B_k> = sum over i, j of s_i t_j (u_i . x_j) (v_i . y_j) */
export function leadingProducts(a: LeadingPart, b: LeadingPart): LeadingProducts {
  const left = innerProducts(a.left, b.left);
  const right = innerProducts(a.right, b.right);
  let dot = 0;
  for (const [i, s] of a.values.entries()) {
    for (const [j, t] of b.values.entries()) {
      const at = i * left.columns + j;
      dot += s * t * left.values[at] * right.values[at];
    }
  }
  const squares = ({ values }: LeadingPart): number => values.reduce((sum, value) => sum + value ** 2, 0);
  return { dot, squaresA: squares(a), squaresB: squares(b) };
}
