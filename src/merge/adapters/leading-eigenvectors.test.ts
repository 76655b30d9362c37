import { EVD, Matrix } from 'ml-matrix';
import { describe, expect, it } from 'vitest';
import { stream } from '../../random/stream.ts';
import { leadingEigenvectors } from './leading-eigenvectors.ts';

const pause = async () => {};

/** Q diag(eigenvalues) Q' for directions that are drawn. */
function symmetric(eigenvalues: readonly number[]): Matrix {
  const n = eigenvalues.length;
  const random = stream(2, 'directions', n);
  const drawn = Matrix.from1DArray(
    n,
    n,
    Array.from({ length: n * n }, () => random.normal()),
  );
  const basis = new EVD(drawn.add(drawn.transpose()), { assumeSymmetric: true }).eigenvectorMatrix;
  return basis.mmul(Matrix.diag([...eigenvalues])).mmul(basis.transpose());
}

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

describe('leading eigenvectors', () => {
  it.each<[string, readonly number[], number]>([
    ['one', [3], 1],
    ['two', [3, 1], 2],
    ['three', [1, 2, 3], 2],
    ['evenly spread', range(40), 25],
    ['over many orders', range(40).map((i) => 10 ** (i / 3)), 12],
    ['equal ones', range(40).map((i) => Math.floor(i / 8)), 16],
    ['a few beside nothing', range(200).map((i) => (i < 30 ? 1 + i : 0)), 100],
    ['zeros', range(12).map(() => 0), 5],
  ])('%s', async (_, eigenvalues, count) => {
    const matrix = symmetric(eigenvalues);
    const n = eigenvalues.length;
    const values = Float64Array.from(matrix.to1DArray());
    const found = await leadingEigenvectors({ values, columns: n }, count, pause);
    const vectors = Matrix.from1DArray(n, count, [...found.values]);
    expect(Matrix.sub(vectors.transpose().mmul(vectors), Matrix.eye(count)).abs().max()).toBeLessThan(1e-12);
    const leading = Matrix.diag(eigenvalues.toSorted((a, b) => b - a).slice(0, count));
    const scale = Math.max(1, ...eigenvalues);
    expect(Matrix.sub(matrix.mmul(vectors), vectors.mmul(leading)).abs().max() / scale).toBeLessThan(1e-12);
  });

  it('of a matrix that is diagonal already, and of one that falls apart', async () => {
    const values = Float64Array.from([2, 0, 0, 0, 5, 1, 0, 1, 5]);
    const { values: vectors } = await leadingEigenvectors({ values, columns: 3 }, 2, pause);
    for (const [i, expected] of [0, 0, Math.SQRT1_2, Math.SQRT1_2, Math.SQRT1_2, Math.SQRT1_2].entries()) {
      expect(Math.abs(vectors[i])).toBeCloseTo(expected, 12);
    }
  });

  it('ends at a pause that throws', async () => {
    const matrix = symmetric(range(300));
    let pauses = 0;
    const finding = (last: number) =>
      leadingEigenvectors({ values: Float64Array.from(matrix.to1DArray()), columns: 300 }, 150, async () => {
        if (++pauses > last) throw new Error('stopped');
      });
    await finding(Number.POSITIVE_INFINITY);
    const all = pauses;
    expect(all).toBeGreaterThan(1);
    for (const last of [0, all - 1]) {
      pauses = 0;
      await expect(finding(last)).rejects.toThrow('stopped');
    }
  });
});
