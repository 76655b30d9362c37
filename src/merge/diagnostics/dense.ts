/** Dense algebra for matrices that are stored row by row in one array. */
import { EVD, Matrix, QR } from 'ml-matrix';
import { ownWorkspace } from '../stream/own-workspace.ts';

/** Row-major, `values.length / columns` rows. */
export interface Dense {
  readonly values: Float64Array;
  readonly columns: number;
}

/** Orthonormal columns times an upper triangle; arbitrary directions fill up where columns are dependent. */
export interface Factors {
  readonly basis: Dense;
  readonly triangle: Dense;
}

/** An orthonormal basis of the span of the columns; arbitrary directions fill up where they are dependent. */
export function orthonormalise(matrix: Dense): Dense {
  return factorise(matrix).basis;
}

/**
 * The factors of a matrix with at least as many rows as columns, from its Gram matrix and a second time from that of what came
 * out (Yamamoto et al. 2015, Roundoff error analysis of the CholeskyQR2 algorithm): products of matrices do nearly all of it.
 * Where columns are too near dependence for that, by reflections.
 */
export function factorise(matrix: Dense): Factors {
  const first = cholesky(innerProducts(matrix, matrix));
  const near = first && product(matrix, inverseTriangle(first));
  const second = near && cholesky(innerProducts(near, near));
  if (second === undefined) return reflected(matrix);
  return { basis: product(near!, inverseTriangle(second)), triangle: product(second, first!) };
}

function reflected({ values, columns }: Dense): Factors {
  const { orthogonalMatrix, upperTriangularMatrix } = new QR(
    Matrix.from1DArray(values.length / columns, columns, values),
  );
  const [basis, triangle] = [orthogonalMatrix, upperTriangularMatrix].map(
    (matrix): Dense => ({ values: Float64Array.from(matrix.to1DArray()), columns: matrix.columns }),
  );
  return { basis, triangle };
}

/** The square of the share of a column that has to be its own for two rounds to make it orthogonal to the last bits. */
const leastOwnShare = 1e-10;

/** R with R' R = gram; nothing where a column is nearly dependent on those before it. */
function cholesky({ values: gram, columns: n }: Dense): Dense | undefined {
  const values = new Float64Array(n * n);
  for (let row = 0; row < n; row++) {
    const line = gram.slice(row * n, (row + 1) * n);
    for (let k = 0; k < row; k++) {
      const factor = values[k * n + row];
      for (let j = row; j < n; j++) line[j] -= factor * values[k * n + j];
    }
    if (!(line[row] > leastOwnShare * gram[row * n + row])) return undefined;
    const pivot = Math.sqrt(line[row]);
    for (let j = row; j < n; j++) values[row * n + j] = line[j] / pivot;
  }
  return { values, columns: n };
}

function inverseTriangle({ values: upper, columns: n }: Dense): Dense {
  const values = new Float64Array(n * n);
  for (let row = n - 1; row >= 0; row--) {
    const pivot = upper[row * n + row];
    values[row * n + row] = 1 / pivot;
    for (let k = row + 1; k < n; k++) {
      const factor = upper[row * n + k] / pivot;
      for (let j = k; j < n; j++) values[row * n + j] -= factor * values[k * n + j];
    }
  }
  return { values, columns: n };
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

/** Elements of a tall factor that are brought to where the kernels are at a time. */
const blockElements = 2 ** 18;

/** [n, k] times [k, m] */
export function product(a: Dense, b: Dense): Dense {
  const out = new Float64Array((a.values.length / a.columns) * b.columns);
  return multiply(a, b, out);
}

/** The same in the memory of the tall matrix that it replaces: [n, k] times [k, m], m at most k. */
export function productInPlace(a: Dense, b: Dense): Dense {
  // A block of rows of the result ends before the next block of the factor begins.
  return multiply(a, b, a.values.subarray(0, (a.values.length / a.columns) * b.columns));
}

function multiply({ values, columns: inner }: Dense, b: Dense, out: Float64Array): Dense {
  const { columns } = b;
  const workspace = ownWorkspace();
  const step = Math.max(1, Math.floor(blockElements / inner));
  const rows = values.length / inner;
  const factor = workspace.doubles(b.values.length);
  factor.set(b.values);
  const left = workspace.doubles(Math.min(rows, step) * inner);
  const result = workspace.doubles(Math.min(rows, step) * columns);
  for (let row = 0; row < rows; row += step) {
    const count = Math.min(step, rows - row);
    left.set(values.subarray(row * inner, (row + count) * inner));
    const part = result.subarray(0, count * columns).fill(0);
    workspace.kernels.addProduct(part, left, factor, columns);
    out.set(part, row * columns);
  }
  return { values: out, columns };
}

/** aT b: [n, p], [n, q] to [p, q] */
export function innerProducts(a: Dense, b: Dense): Dense {
  const workspace = ownWorkspace();
  const rows = a.values.length / a.columns;
  const step = Math.max(1, Math.floor(blockElements / Math.max(a.columns, b.columns)));
  const sums = workspace.doubles(a.columns * b.columns);
  const [left, right] = [a, b].map(({ columns }) => workspace.doubles(Math.min(rows, step) * columns));
  for (let row = 0; row < rows; row += step) {
    const end = Math.min(rows, row + step);
    left.set(a.values.subarray(row * a.columns, end * a.columns));
    right.set(b.values.subarray(row * b.columns, end * b.columns));
    workspace.kernels.addTransposedProduct(sums, left, right.subarray(0, (end - row) * b.columns), b.columns);
  }
  return { values: sums.slice(), columns: b.columns };
}
