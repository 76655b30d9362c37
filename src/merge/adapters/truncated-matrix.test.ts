/** Cut matrices against their whole decomposition. */
import { Matrix, SVD } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { stream } from '../../random/stream.ts';
import { leastSide } from './block-lanczos.ts';
import { truncatedMatrix } from './truncated-matrix.ts';

const shape = (rows: number, columns: number) => ({ rows, columns });

/** Most of it small: M = sum_k e^(-k / 4) u_k v_k' + noise, its smaller half left out. */
function sparseMatrix({ rows, columns }: ReturnType<typeof shape>): Float32Array {
  const random = stream(3, 'matrix', rows, columns);
  const vectors = Array.from({ length: 12 }, (_, k) => {
    const draw = (length: number) => Float64Array.from({ length }, () => random.normal());
    return { left: draw(rows), right: draw(columns), size: Math.exp(-k / 4) };
  });
  return Float32Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    const value = vectors.reduce((sum, { left, right, size }) => sum + size * left[row] * right[column], 0);
    return Math.abs(value) < 1 ? 0 : value + 0.1 * random.normal();
  });
}

async function cut(matrix: Float32Array, columns: number, rank: number) {
  const random = stream(1, 'start');
  let pauses = 0;
  const pause = async () => void pauses++;
  const { a, b } = await truncatedMatrix(matrix, columns, rank, { normal: () => random.normal(), pause });
  const product = Matrix.from1DArray(b.length / rank, rank, b).mmul(Matrix.from1DArray(rank, columns, a));
  return { a, product, pauses };
}

/** How far the rows are from being orthonormal, at most. */
function distanceFromOrthonormal(a: Float32Array, rank: number): number {
  const rows = Matrix.from1DArray(rank, a.length / rank, a);
  return Matrix.sub(rows.mmul(rows.transpose()), Matrix.eye(rank)).abs().max();
}

function best(matrix: Matrix, rank: number): Matrix {
  const { leftSingularVectors: u, rightSingularVectors: v, diagonal } = new SVD(matrix, { autoTranspose: true });
  const kept = diagonal.map((value, k) => (k < rank ? value : 0));
  return u.mmul(Matrix.diag(kept)).mmul(v.transpose());
}

describe('a matrix cut to a rank', () => {
  it.each([
    ['small and tall', shape(30, 21), 4],
    ['small and wide', shape(21, 30), 4],
    ['wide', shape(100, 130), 4],
    ['tall', shape(130, 100), 4],
    ['of more directions than reach far', shape(130, 100), 70],
    ['of the least side that is iterated', shape(leastSide(2), leastSide(2)), 2],
  ])('is the best of its rank: %s', async (_, { rows, columns }, rank) => {
    const matrix = sparseMatrix({ rows, columns });
    const whole = Matrix.from1DArray(rows, columns, matrix);
    const expected = best(whole, rank);
    const { a, product, pauses } = await cut(matrix, columns, rank);
    // All directions of a short side take three steps, more than one pass and its check take more.
    expect(pauses > 3).toBe(Math.min(rows, columns) >= leastSide(rank));
    expect(distanceFromOrthonormal(a, rank)).toBeLessThan(1e-6);
    expect(Matrix.sub(product, expected).norm() / expected.norm()).toBeLessThan(1e-6);
    // Negative control: another rank is something else.
    expect(Matrix.sub(product, best(whole, rank + 1)).norm() / expected.norm()).toBeGreaterThan(1e-3);
  });

  it('is the best also where it takes the iteration long to tell singular values apart', async () => {
    const [side, rank] = [2 * leastSide(4), 4];
    const random = stream(6, 'noise');
    const matrix = Float32Array.from({ length: side * side }, () => random.normal());
    const expected = best(Matrix.from1DArray(side, side, matrix), rank);
    const { product, pauses } = await cut(matrix, side, rank);
    expect(pauses).toBeGreaterThan(10);
    expect(Matrix.sub(product, expected).norm() / expected.norm()).toBeLessThan(1e-5);
  });

  it('has equal singular values as often as they occur', async () => {
    const side = leastSide(3);
    const matrix = new Float32Array(side * side);
    for (let i = 0; i < side; i++) matrix[i * side + i] = i < 3 ? 5 : 1;
    const { product } = await cut(matrix, side, 3);
    expect(product.diagonal().filter((value) => value > 4.99999)).toHaveLength(3);
  });

  it('of less than the rank is itself, and of zeros zeros', async () => {
    const rank = 4;
    const side = leastSide(rank);
    const [zeros, one] = [new Float32Array(side * side), new Float32Array(side * side)];
    for (let i = 0; i < side; i++) one[i * side + ((i * 5) % 7)] = i / side;
    for (const matrix of [zeros, one]) {
      for (const columns of [side, side / 8, 8 * side]) {
        const { a, product } = await cut(matrix, columns, rank);
        expect(a.every(Number.isFinite)).toBe(true);
        const whole = Matrix.from1DArray(matrix.length / columns, columns, matrix);
        expect(Matrix.sub(product, best(whole, rank)).norm()).toBeLessThan(1e-5);
      }
    }
  });

  it('of a rank above its shorter side is itself, with zeros beyond', async () => {
    for (const { rows, columns } of [shape(5, 9), shape(9, 5)]) {
      const matrix = sparseMatrix({ rows, columns });
      const { a, product } = await cut(matrix, columns, 8);
      expect(Matrix.sub(product, Matrix.from1DArray(rows, columns, matrix)).norm()).toBeLessThan(1e-5);
      expect(a.subarray(5 * columns).every((value) => value === 0)).toBe(true);
    }
  });

  it.each([shape(60, 60), shape(200, 210)])('ends at any pause that throws: %o', async ({ rows, columns }) => {
    const matrix = sparseMatrix({ rows, columns });
    const { pauses } = await cut(matrix, columns, 4);
    for (let last = 0; last < pauses; last++) {
      let left = last;
      const pause = async () => {
        if (left-- === 0) throw new Error('stopped');
      };
      const random = stream(1, 'start');
      const cutting = truncatedMatrix(matrix, columns, 4, { normal: () => random.normal(), pause });
      await expect(cutting).rejects.toThrow('stopped');
    }
  });
});
