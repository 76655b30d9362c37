/**
 * The leading singular values and vectors of a matrix that is read by rows and never held as a whole.
 *
 * Where the shorter side is small, all singular values come from the eigenvalues of the Gram matrix; those below 1e-8 of the
 * largest drown in its rounding. Else the leading ones come from subspace iteration on M^T M with a few directions more than
 * are asked for, from a seeded random start (Halko, Martinsson, Tropp 2011, Finding structure with randomness, algorithm
 * 4.4 in the form that needs one pass over the rows for each power), and the Rayleigh-Ritz values of the last pass. For them
 * M v = s u holds by construction, and r = |M^T u - s v| is measured: a singular value of M lies within r / sqrt(2) of s.
 */
import {
  type Dense,
  innerProducts,
  leadingColumns,
  orthonormalise,
  product,
  productInPlace,
  symmetricEigen,
} from './dense.ts';

export interface LeadingDirections {
  /** Singular values in descending order: all of them where they are exact, else the leading ones. */
  readonly values: readonly number[];
  readonly isExact: boolean;
  /** No leading value is further than this from a singular value of the matrix; 0 where they are exact. */
  readonly error: number;
  /** Singular vectors as columns, as many as were asked for at most: [rows, rank] and [columns, rank]. */
  readonly left: Dense;
  readonly right: Dense;
}

/** Shorter sides up to here are exact. */
const exactSide = 64;

/** Directions beyond those asked for, and passes over the matrix: the last one measures. */
const oversampling = 8;
const passes = 4;

export interface MatrixShape {
  readonly rows: number;
  readonly columns: number;
}

/** Takes the matrix pass by pass, each from the first row to the last, and ends with its leading directions. */
export interface DirectionFinder {
  readonly passes: number;
  /** Takes the rows from element `start` on: whole rows only. */
  take(rows: Float32Array, start: number): void;
  /** To be called after every pass. */
  endPass(): void;
  finish(): LeadingDirections;
}

/** @param normal draws standard normals */
export function findDirections(
  shape: MatrixShape,
  rank: number,
  isWhole: boolean,
  normal: () => number,
): DirectionFinder {
  const side = Math.min(shape.rows, shape.columns);
  return isWhole && side <= exactSide
    ? exactFinder(shape, Math.min(rank, side))
    : iteratedFinder(shape, Math.min(rank, side), normal);
}

/** The matrix comes in one block. */
function exactFinder({ rows, columns }: MatrixShape, rank: number): DirectionFinder {
  const side = Math.min(rows, columns);
  let matrix: Float32Array = new Float32Array(0);
  function finish(): LeadingDirections {
    const gram = columns <= rows ? columnGram(matrix, columns) : rowGram(matrix, columns);
    const { values, vectors } = symmetricEigen(gram, side);
    const singular = values.map(Math.sqrt);
    const near = leadingColumns(vectors, rank);
    // The vectors of the other side: M v / s, or M^T u / s.
    const far = columns <= rows ? timesMatrix(matrix, columns, near) : timesTransposed(matrix, columns, near);
    divideColumns(far, singular);
    const [left, right] = columns <= rows ? [far, near] : [near, far];
    return { values: singular, isExact: true, error: 0, left, right };
  }
  return {
    passes: 1,
    take: (values) => {
      matrix = values;
    },
    endPass() {},
    finish,
  };
}

function iteratedFinder({ rows, columns }: MatrixShape, rank: number, normal: () => number): DirectionFinder {
  const width = Math.min(rank + oversampling, rows, columns);
  let basis = orthonormalise({ values: Float64Array.from({ length: columns * width }, normal), columns: width });
  /** M^T M basis, in the making. */
  let image = new Float64Array(columns * width);
  let pass = 1;
  const isLast = (): boolean => pass === passes;
  const projected = { values: new Float64Array(rows * width), columns: width };
  const row = new Float64Array(width);

  function finish(): LeadingDirections {
    const gram = innerProducts(projected, projected);
    const { values, vectors } = symmetricEigen(gram.values, width);
    const rotation = leadingColumns(vectors, rank);
    const singular = values.slice(0, rank).map(Math.sqrt);
    // In a table of embeddings these are by far the largest arrays.
    const left = productInPlace(projected, rotation);
    divideColumns(left, singular);
    const right = product(basis, rotation);
    const back = product({ values: image, columns: width }, rotation);
    divideColumns(back, singular);
    const squares = new Float64Array(rank);
    for (let i = 0; i < back.values.length; i++)
      squares[i % rank] += (back.values[i] - singular[i % rank] * right.values[i]) ** 2;
    return { values: singular, isExact: false, error: Math.sqrt(Math.max(...squares) / 2), left, right };
  }

  return {
    passes,
    take(values, start) {
      const { values: directions } = basis;
      for (let at = 0; at < values.length; at += columns) {
        row.fill(0);
        for (let j = 0; j < columns; j++) {
          const value = values[at + j];
          for (let k = 0; k < width; k++) row[k] += value * directions[j * width + k];
        }
        for (let j = 0; j < columns; j++) {
          const value = values[at + j];
          for (let k = 0; k < width; k++) image[j * width + k] += value * row[k];
        }
        if (isLast()) projected.values.set(row, ((start + at) / columns) * width);
      }
    },
    endPass() {
      if (isLast()) return;
      basis = orthonormalise({ values: image, columns: width });
      image = new Float64Array(columns * width);
      pass += 1;
    },
    finish,
  };
}

/** M^T M */
function columnGram(matrix: Float32Array, columns: number): Float64Array {
  const gram = new Float64Array(columns * columns);
  for (let at = 0; at < matrix.length; at += columns) {
    for (let i = 0; i < columns; i++) {
      const value = matrix[at + i];
      for (let j = 0; j <= i; j++) gram[i * columns + j] += value * matrix[at + j];
    }
  }
  return mirror(gram, columns);
}

/** M M^T */
function rowGram(matrix: Float32Array, columns: number): Float64Array {
  const rows = matrix.length / columns;
  const gram = new Float64Array(rows * rows);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < columns; k++) sum += matrix[i * columns + k] * matrix[j * columns + k];
      gram[i * rows + j] = sum;
    }
  }
  return mirror(gram, rows);
}

function mirror(lower: Float64Array, side: number): Float64Array {
  for (let i = 0; i < side; i++) for (let j = 0; j < i; j++) lower[j * side + i] = lower[i * side + j];
  return lower;
}

function timesMatrix(matrix: Float32Array, columns: number, right: Dense): Dense {
  const rows = matrix.length / columns;
  const out = new Float64Array(rows * right.columns);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      for (let k = 0; k < right.columns; k++)
        out[i * right.columns + k] += matrix[i * columns + j] * right.values[j * right.columns + k];
    }
  }
  return { values: out, columns: right.columns };
}

function timesTransposed(matrix: Float32Array, columns: number, left: Dense): Dense {
  const out = new Float64Array(columns * left.columns);
  for (let i = 0; i < matrix.length / columns; i++) {
    for (let j = 0; j < columns; j++) {
      for (let k = 0; k < left.columns; k++)
        out[j * left.columns + k] += matrix[i * columns + j] * left.values[i * left.columns + k];
    }
  }
  return { values: out, columns: left.columns };
}

/** Column k divided by its divisor; left alone where that is 0. */
function divideColumns({ values, columns }: Dense, divisors: readonly number[]): void {
  for (let i = 0; i < values.length; i++) values[i] /= divisors[i % columns] || 1;
}
