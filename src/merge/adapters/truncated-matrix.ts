/** The best approximation of a matrix M by a given rank (Eckart and Young 1936): M V V', with its leading right singular vectors V. */
import type { AdapterModule } from '../../adapters/adapter.ts';
import { type Dense, factorise, leadingColumns, product } from '../diagnostics/dense.ts';
import { iterationBytes, type LanczosOptions, leadingRightVectors, leastSide } from './block-lanczos.ts';
import { leadingEigenvectors } from './leading-eigenvectors.ts';
import { gramOfColumns, type LargeMatrix, type Pause, times } from './matrix-products.ts';

/**
 * Where the rank is not far from the shorter side, all directions of that side are found, else the leading ones alone.
 * @param values row-major, rows of `columns` elements
 * @returns A with orthonormal rows, or rows of zeros beyond the shorter side, and B
 */
export async function truncatedMatrix(
  values: Float32Array,
  columns: number,
  rank: number,
  options: LanczosOptions,
): Promise<AdapterModule> {
  const matrix = { values, columns };
  const side = Math.min(values.length / columns, columns);
  const kept = Math.min(rank, side);
  if (side >= leastSide(rank)) {
    const right = leadingColumns(await leadingRightVectors(matrix, rank, options), kept);
    return moduleOf(right, await times(matrix, right, options.pause), rank);
  }
  if (side === columns) {
    const right = await gramVectors(matrix, kept, options.pause);
    return moduleOf(right, await times(matrix, right, options.pause), rank);
  }
  // U U' M, of which M' U = Q R makes (U R') Q'.
  const transposed = transpose(matrix);
  const left = await gramVectors(transposed, kept, options.pause);
  const { basis, triangle } = factorise(await times(transposed, left, options.pause));
  return moduleOf(basis, product(left, transpose(triangle)), rank);
}

/** Bytes held beside the matrix, in float64 but for a matrix that is turned. */
export function truncationBytes(rows: number, columns: number, rank: number): number {
  const side = Math.min(rows, columns);
  if (side >= leastSide(rank)) return iterationBytes(rank, { rows, columns });
  const turned = side === columns ? 0 : 4 * rows * columns;
  return 8 * (2 * side * side + Math.min(rank, side) * (rows + columns)) + turned;
}

/** The leading right singular vectors, from the eigenvalues of M' M: [columns, count] */
async function gramVectors(matrix: LargeMatrix, count: number, pause: Pause): Promise<Dense> {
  const gram = await gramOfColumns(matrix, pause);
  await pause();
  return leadingEigenvectors(gram, count, pause);
}

/** @param right [inputs, kept] @param left [outputs, kept] */
function moduleOf(right: Dense, left: Dense, rank: number): AdapterModule {
  const { columns: kept } = right;
  const [inputs, outputs] = [right, left].map(({ values }) => values.length / kept);
  const result = { a: new Float32Array(rank * inputs), b: new Float32Array(outputs * rank) };
  for (let k = 0; k < kept; k++) {
    for (let column = 0; column < inputs; column++) result.a[k * inputs + column] = right.values[column * kept + k];
    for (let row = 0; row < outputs; row++) result.b[row * rank + k] = left.values[row * kept + k];
  }
  return result;
}

function transpose<T extends Float32Array | Float64Array>(matrix: { values: T; columns: number }) {
  const { values, columns } = matrix;
  const rows = values.length / columns;
  const result = values.slice() as T;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) result[column * rows + row] = values[row * columns + column];
  }
  return { values: result, columns: rows };
}
