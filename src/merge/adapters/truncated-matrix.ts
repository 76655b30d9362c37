/** The best approximation of a matrix M by a given rank (Eckart and Young 1936): M V V', with its leading right singular vectors V. */
import { Matrix, SVD } from 'ml-matrix';
import type { AdapterModule } from '../../adapters/adapter.ts';
import { type Dense, leadingColumns } from '../diagnostics/dense.ts';
import { eachImage, type LanczosOptions, leadingRightVectors, leastSide } from './block-lanczos.ts';

/**
 * A small matrix is decomposed as a whole, of any other only the leading directions are looked for.
 * @param matrix row-major, rows of `columns` elements
 * @returns A with orthonormal rows, or rows of zeros where there is nothing left to approximate, and B
 */
export async function truncatedMatrix(
  matrix: Float32Array,
  columns: number,
  rank: number,
  options: LanczosOptions,
): Promise<AdapterModule> {
  const rows = matrix.length / columns;
  const isSmall = Math.min(rows, columns) < leastSide(rank);
  const directions = isSmall
    ? allRightVectors(matrix, columns)
    : await leadingRightVectors(matrix, columns, rank, options);
  const kept = leadingColumns(directions, Math.min(rank, directions.columns));
  const result = { a: new Float32Array(rank * columns), b: new Float32Array(rows * rank) };
  for (let k = 0; k < kept.columns; k++) {
    for (let column = 0; column < columns; column++) {
      result.a[k * columns + column] = kept.values[column * kept.columns + k];
    }
  }
  eachImage(matrix, kept, (image, row) => result.b.set(image, row * rank));
  return result;
}

/** [columns, shorter side], by descending singular value */
function allRightVectors(matrix: Float32Array, columns: number): Dense {
  const whole = Matrix.from1DArray(matrix.length / columns, columns, matrix);
  const { rightSingularVectors: vectors } = new SVD(whole, { autoTranspose: true });
  return { values: Float64Array.from(vectors.to1DArray()), columns: vectors.columns };
}
