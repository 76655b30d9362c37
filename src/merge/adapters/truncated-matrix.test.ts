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
  let passes = 0;
  const pause = async () => void passes++;
  const { a, b } = await truncatedMatrix(matrix, columns, rank, { normal: () => random.normal(), pause });
  const product = Matrix.from1DArray(b.length / rank, rank, b).mmul(Matrix.from1DArray(rank, columns, a));
  return { a, product, passes };
}

function best(matrix: Matrix, rank: number): Matrix {
  const { leftSingularVectors: u, rightSingularVectors: v, diagonal } = new SVD(matrix, { autoTranspose: true });
  const kept = diagonal.map((value, k) => (k < rank ? value : 0));
  return u.mmul(Matrix.diag(kept)).mmul(v.transpose());
}

describe('a matrix cut to a rank', () => {
  it.each([
    ['small, decomposed as a whole', shape(30, 21), 4],
    ['wide', shape(84, 130), 4],
    ['tall', shape(130, 84), 4],
    ['of the least side that is iterated', shape(leastSide(2), leastSide(2)), 2],
  ])('is the best of its rank: %s', async (_, { rows, columns }, rank) => {
    const matrix = sparseMatrix({ rows, columns });
    const whole = Matrix.from1DArray(rows, columns, matrix);
    const expected = best(whole, rank);
    const { product, passes } = await cut(matrix, columns, rank);
    expect(passes > 0).toBe(Math.min(rows, columns) >= leastSide(rank));
    expect(Matrix.sub(product, expected).norm() / expected.norm()).toBeLessThan(1e-6);
    // Negative control: another rank is something else.
    expect(Matrix.sub(product, best(whole, rank + 1)).norm() / expected.norm()).toBeGreaterThan(0.01);
  });

  it('is the best also where it takes the iteration long to tell singular values apart', async () => {
    const [side, rank] = [2 * leastSide(4), 4];
    const random = stream(6, 'noise');
    const matrix = Float32Array.from({ length: side * side }, () => random.normal());
    const expected = best(Matrix.from1DArray(side, side, matrix), rank);
    const { product, passes } = await cut(matrix, side, rank);
    expect(passes).toBeGreaterThan(10);
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
      const { a, product } = await cut(matrix, side, rank);
      expect(a.every(Number.isFinite)).toBe(true);
      const distance = Matrix.sub(product, best(Matrix.from1DArray(side, side, matrix), rank)).norm();
      expect(distance).toBeLessThan(1e-5);
    }
  });
});
