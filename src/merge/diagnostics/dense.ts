/** Thin wrappers around dense algebra, for matrices that are stored row by row in one array. */
import { EVD, Matrix, QR } from 'ml-matrix';

/** Row-major, `values.length / columns` rows. */
export interface Dense {
  readonly values: Float64Array;
  readonly columns: number;
}

/** An orthonormal basis of the span of the columns; arbitrary directions fill up where they are dependent. */
export function orthonormalise({ values, columns }: Dense): Dense {
  const basis = new QR(Matrix.from1DArray(values.length / columns, columns, values)).orthogonalMatrix;
  return { values: Float64Array.from(basis.to1DArray()), columns };
}

export interface Eigen {
  /** Descending; what rounding made negative is 0. */
  readonly values: readonly number[];
  /** Columns in the same order. */
  readonly vectors: Dense;
}

/** @param gram symmetric, n x n */
export function symmetricEigen(gram: Float64Array, n: number): Eigen {
  const { realEigenvalues, eigenvectorMatrix } = new EVD(Matrix.from1DArray(n, n, gram), { assumeSymmetric: true });
  const order = realEigenvalues.map((_, i) => i).sort((i, j) => realEigenvalues[j] - realEigenvalues[i]);
  const vectors = new Float64Array(n * n);
  for (let row = 0; row < n; row++) {
    for (let column = 0; column < n; column++) vectors[row * n + column] = eigenvectorMatrix.get(row, order[column]);
  }
  return {
    values: order.map((i) => Math.max(0, realEigenvalues[i])),
    vectors: { values: vectors, columns: n },
  };
}

/** The first `count` columns. */
export function leadingColumns({ values, columns }: Dense, count: number): Dense {
  if (count === columns) return { values, columns };
  const rows = values.length / columns;
  const kept = new Float64Array(rows * count);
  for (let row = 0; row < rows; row++) kept.set(values.subarray(row * columns, row * columns + count), row * count);
  return { values: kept, columns: count };
}

/** [n, k] times [k, m] */
export function product(a: Dense, b: Dense): Dense {
  const rows = a.values.length / a.columns;
  const out = new Float64Array(rows * b.columns);
  for (let row = 0; row < rows; row++) {
    for (let inner = 0; inner < a.columns; inner++) {
      const factor = a.values[row * a.columns + inner];
      for (let column = 0; column < b.columns; column++)
        out[row * b.columns + column] += factor * b.values[inner * b.columns + column];
    }
  }
  return { values: out, columns: b.columns };
}

/** The same in the memory of the tall matrix that it replaces: [n, k] times [k, m], m at most k. */
export function productInPlace({ values, columns }: Dense, b: Dense): Dense {
  const rows = values.length / columns;
  const row = new Float64Array(columns);
  for (let at = 0; at < rows; at++) {
    // A row of the result ends before the next row of the factor begins.
    row.set(values.subarray(at * columns, (at + 1) * columns));
    values.set(product({ values: row, columns }, b).values, at * b.columns);
  }
  return { values: values.subarray(0, rows * b.columns), columns: b.columns };
}

/** aT b: [n, p], [n, q] to [p, q] */
export function innerProducts(a: Dense, b: Dense): Dense {
  const rows = a.values.length / a.columns;
  const out = new Float64Array(a.columns * b.columns);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < a.columns; i++) {
      const factor = a.values[row * a.columns + i];
      for (let j = 0; j < b.columns; j++) out[i * b.columns + j] += factor * b.values[row * b.columns + j];
    }
  }
  return { values: out, columns: b.columns };
}
