/**
 * The best approximation of sum_i s_i B_i A_i by a given rank (Eckart and Young 1936), without the sum itself: with
 * [s_i B_i] = Q_b R_b and [A_i]' = Q_a R_a, the singular values are those of the small matrix R_b R_a'.
 */
import { Matrix, QR, SVD } from 'ml-matrix';

interface LowRankTerm {
  /** [rank, inputs] */
  readonly a: Float32Array;
  /** [outputs, rank] */
  readonly b: Float32Array;
  readonly rank: number;
  readonly scale: number;
}

interface Truncated {
  /** [rank, inputs], orthonormal rows; zero where there is nothing left to approximate. */
  readonly a: Float32Array;
  /** [outputs, rank], with the singular values. */
  readonly b: Float32Array;
}

/** @param terms of one linear layer, at least one */
export function truncatedSum(terms: readonly LowRankTerm[], rank: number): Truncated {
  const total = terms.reduce((sum, term) => sum + term.rank, 0);
  const [inputs, outputs] = [terms[0].a.length / terms[0].rank, terms[0].b.length / terms[0].rank];
  const [left, right] = [new Matrix(outputs, total), new Matrix(inputs, total)];
  let column = 0;
  for (const { a, b, rank: own, scale } of terms) {
    for (let k = 0; k < own; k++, column++) {
      for (let row = 0; row < outputs; row++) left.set(row, column, scale * b[row * own + k]);
      for (let row = 0; row < inputs; row++) right.set(row, column, a[k * inputs + row]);
    }
  }
  const [q, p] = [left, right].map(factorise);
  const core = q.triangle.mmul(p.triangle.transpose());
  const { leftSingularVectors, rightSingularVectors, diagonal } = new SVD(core, { autoTranspose: true });
  const [u, v] = [q.basis.mmul(leftSingularVectors), p.basis.mmul(rightSingularVectors)];
  const result = { a: new Float32Array(rank * inputs), b: new Float32Array(outputs * rank) };
  for (let k = 0; k < Math.min(rank, diagonal.length); k++) {
    for (let row = 0; row < inputs; row++) result.a[k * inputs + row] = v.get(row, k);
    for (let row = 0; row < outputs; row++) result.b[row * rank + k] = diagonal[k] * u.get(row, k);
  }
  return result;
}

/** A tall matrix as orthonormal columns times a triangle; a wide one is small enough to stand for itself. */
function factorise(matrix: Matrix): { readonly basis: Matrix; readonly triangle: Matrix } {
  if (matrix.columns >= matrix.rows) return { basis: Matrix.eye(matrix.rows), triangle: matrix };
  const { orthogonalMatrix, upperTriangularMatrix } = new QR(matrix);
  return { basis: orthogonalMatrix, triangle: upperTriangularMatrix };
}
