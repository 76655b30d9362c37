/**
 * The leading right singular vectors of a matrix M, by block Lanczos iteration on M' M (Golub and Underwood 1977, The block
 * Lanczos method for computing eigenvalues), restarted with the best of what it knows (Wu and Simon 2000, Thick-restart
 * Lanczos method). The matrix is read row by row; what is held beside it are a few blocks of vectors. Blocks are wider than
 * the number that is asked for, so that equal singular values are found as often as they occur.
 */
import { type Dense, factorise, innerProducts, leadingColumns, product, symmetricEigen } from '../diagnostics/dense.ts';
import { gramTimes, type LargeMatrix, type Pause } from './matrix-products.ts';

export interface LanczosOptions {
  /** Draws standard normals. */
  readonly normal: () => number;
  /** Called several times a second. */
  readonly pause: Pause;
}

/** Vectors of a block beyond those that are asked for, and the most blocks that a step begins with: fewer where they are wide. */
const oversampling = 8;
const mostBlocks = 5;
const leastBlocks = 3;
const heldVectors = 400;

/** Directions are found when M, changed by no more than this share of its largest singular value, has them exactly. */
const tolerance = 2 ** -24;
/** Directions of smaller singular values than this share of the largest are asked no more of than of those. */
const smallestShare = 1e-6;
/** Passes after which what was found is taken: what is not told apart by then is nearly as good as each other. */
const mostPasses = 100;

/** Shorter sides up to here are decomposed as a whole in about a second. */
const wholeSide = 640;

/** The shortest side at which there is room for the iteration, and at which it is faster than all directions at once. */
export function leastSide(count: number): number {
  const width = count + oversampling;
  return Math.max((leastBlocks + 1) * width, Math.min(8 * width, wholeSide));
}

function heldBlocks(width: number, side: number): number {
  const wanted = Math.min(mostBlocks, Math.floor(heldVectors / width), Math.floor(side / width) - 1);
  return Math.max(leastBlocks, wanted);
}

/** Bytes held beside a matrix whose leading directions are found: blocks of vectors, and what is made of the last. */
export function iterationBytes(count: number, { rows, columns }: { readonly rows: number; readonly columns: number }) {
  const width = count + oversampling;
  return 8 * width * columns * (heldBlocks(width, Math.min(rows, columns)) + 3);
}

/**
 * @param matrix both sides at least `leastSide(count)`
 * @returns [columns, count or more], orthonormal, by descending singular value
 */
export async function leadingRightVectors(
  matrix: LargeMatrix,
  count: number,
  { normal, pause }: LanczosOptions,
): Promise<Dense> {
  const { columns } = matrix;
  const width = count + oversampling;
  const held = heldBlocks(width, Math.min(columns, matrix.values.length / columns));
  const start = Float64Array.from({ length: columns * width }, normal);
  let basis: readonly Dense[] = [factorise({ values: start, columns: width }).basis];
  /** M' M in the basis, without its last block. */
  let operator: Dense = { values: new Float64Array(0), columns: 0 };
  for (let pass = 1; ; pass++) {
    const image = await gramTimes(matrix, basis.at(-1)!, pause);
    operator = bordered(operator, takeOut(image, basis));
    const { basis: next, triangle } = factorise(image);
    const { values, vectors } = symmetricEigen(operator.values, operator.columns);
    const found = leadingColumns(vectors, width);
    const isFound = errors(triangle, found, values)
      .slice(0, count)
      .every((error) => error <= tolerance);
    if (isFound || pass === mostPasses) return combined(basis, found);
    if (basis.length === held) {
      basis = [combined(basis, found)];
      operator = diagonal(values.slice(0, width));
    }
    // Columns that filled up what was dependent know nothing of the basis.
    takeOut(next, basis);
    basis = [...basis, factorise(next).basis];
  }
}

/**
 * By how much M would have to change to have each direction exactly, as a share of its largest singular value:
 * |M' M v - s^2 v| / (s s_1), where what the basis does not hold of M' M v is the triangle times its coordinates in the last
 * block.
 */
function errors(triangle: Dense, { values, columns }: Dense, squares: readonly number[]): readonly number[] {
  const { values: rest } = product(triangle, { values: values.slice(-triangle.columns * columns), columns });
  const largest = Math.sqrt(squares[0]);
  return Array.from({ length: columns }, (_, k) => {
    let sum = 0;
    for (let i = k; i < rest.length; i += columns) sum += rest[i] ** 2;
    return Math.sqrt(sum) / (largest * Math.max(Math.sqrt(squares[k]), smallestShare * largest) || 1);
  });
}

/** Takes what lies in the basis out of a block, twice for the sake of rounding. @returns what was taken, block by block */
function takeOut(block: Dense, basis: readonly Dense[]): readonly Dense[] {
  const [taken] = [0, 1].map(() =>
    basis.map((known) => {
      const coordinates = innerProducts(known, block);
      const part = product(known, coordinates);
      for (let i = 0; i < block.values.length; i++) block.values[i] -= part.values[i];
      return coordinates;
    }),
  );
  return taken;
}

/** A symmetric matrix with one more block of columns, which are its rows as well. */
function bordered({ values, columns: inner }: Dense, added: readonly Dense[]): Dense {
  const columns = inner + added.at(-1)!.columns;
  const result = new Float64Array(columns ** 2);
  for (let row = 0; row < inner; row++) result.set(values.subarray(row * inner, (row + 1) * inner), row * columns);
  let row = 0;
  for (const block of added) {
    for (let at = 0; at < block.values.length; at += block.columns, row++) {
      for (let k = 0; k < block.columns; k++) {
        result[row * columns + inner + k] = block.values[at + k];
        result[(inner + k) * columns + row] = block.values[at + k];
      }
    }
  }
  return { values: result, columns };
}

function diagonal(entries: readonly number[]): Dense {
  const values = new Float64Array(entries.length ** 2);
  for (const [i, entry] of entries.entries()) values[i * (entries.length + 1)] = entry;
  return { values, columns: entries.length };
}

/** Linear combinations of the vectors of all blocks. */
function combined(basis: readonly Dense[], { values, columns }: Dense): Dense {
  const result = new Float64Array((basis[0].values.length / basis[0].columns) * columns);
  let from = 0;
  for (const block of basis) {
    const to = from + block.columns * columns;
    const part = product(block, { values: values.subarray(from, to), columns });
    for (let i = 0; i < result.length; i++) result[i] += part.values[i];
    from = to;
  }
  return { values: result, columns };
}
