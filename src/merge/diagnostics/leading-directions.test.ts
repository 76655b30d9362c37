import { describe, expect, it } from 'vitest';
import { stream } from '../../random/stream.ts';
import { orthonormalise } from './dense.ts';
import { findDirections, type LeadingDirections, type MatrixShape } from './leading-directions.ts';
import { describeSpectrum } from './spectrum.ts';
import { subspaceOverlap } from './subspace-overlap.ts';

const orthonormal = (rows: number, columns: number, label: string) => {
  const random = stream(3, label);
  return orthonormalise({ values: Float64Array.from({ length: rows * columns }, () => random.normal()), columns });
};

/** U diag(s) V^T with orthonormal U and V. */
function matrixOf(rows: number, columns: number, values: readonly number[]): Float32Array {
  const [u, v] = [orthonormal(rows, values.length, 'u'), orthonormal(columns, values.length, 'v')];
  const rank = values.length;
  return Float32Array.from({ length: rows * columns }, (_, at) => {
    const [i, j] = [Math.floor(at / columns), at % columns];
    return values.reduce((sum, s, k) => sum + s * u.values[i * rank + k] * v.values[j * rank + k], 0);
  });
}

function directionsOf(
  matrix: Float32Array,
  shape: MatrixShape,
  rank: number,
  rowsAtOnce = shape.rows,
): LeadingDirections {
  const random = stream(5, 'start');
  const finder = findDirections(shape, rank, rowsAtOnce === shape.rows, () => random.normal());
  for (let pass = 0; pass < finder.passes; pass++) {
    for (let row = 0; row < shape.rows; row += rowsAtOnce) {
      const start = row * shape.columns;
      finder.take(matrix.subarray(start, start + rowsAtOnce * shape.columns), start);
    }
    finder.endPass();
  }
  return finder.finish();
}

describe.each([
  ['exact, tall', { rows: 90, columns: 40 }, true],
  ['exact, wide', { rows: 40, columns: 90 }, true],
  ['iterated', { rows: 120, columns: 100 }, false],
] as const)('findDirections, %s', (_, shape, isExact) => {
  const values = [5, 3, 2, 1, 0.1];

  it('finds singular values and vectors that were put in', () => {
    const found = directionsOf(matrixOf(shape.rows, shape.columns, values), shape, 4);
    expect(found.isExact).toBe(isExact);
    for (let i = 0; i < 4; i++) expect(found.values[i]).toBeCloseTo(values[i], 5);
    const leading = (name: string, rows: number) => {
      const all = orthonormal(rows, values.length, name);
      return {
        values: Float64Array.from({ length: rows * 4 }, (_, i) => all.values[Math.floor(i / 4) * 5 + (i % 4)]),
        columns: 4,
      };
    };
    expect(subspaceOverlap(found.left, leading('u', shape.rows)).shared).toBeCloseTo(4, 5);
    expect(subspaceOverlap(found.right, leading('v', shape.columns)).shared).toBeCloseTo(4, 5);
  });

  it.runIf(!isExact)('holds one array as tall as the matrix', () => {
    const { left } = directionsOf(matrixOf(shape.rows, shape.columns, values), shape, 4);
    // Four directions and eight more, of which the first four are left in place.
    expect(left.values).toHaveLength(4 * shape.rows);
    expect(left.values.buffer.byteLength).toBe(8 * 12 * shape.rows);
  });

  it('finds one direction in a matrix of rank 1', () => {
    const found = directionsOf(matrixOf(shape.rows, shape.columns, [2]), shape, 4);
    const spectrum = describeSpectrum(found, {
      squares: 4,
      side: Math.min(shape.rows, shape.columns),
      rank: 4,
      rounding: 1e-5,
    });
    expect(spectrum.stableRank).toBeCloseTo(1, 5);
    expect(spectrum.effectiveRank[1]).toBeCloseTo(1, 2);
    expect(spectrum.aboveRounding).toBe(1);
  });
});

describe('iterated directions', () => {
  it('are the same however the rows come', () => {
    const shape = { rows: 120, columns: 100 };
    const matrix = matrixOf(120, 100, [5, 3, 2, 1]);
    const whole = directionsOf(matrix, shape, 4);
    const pieces = directionsOf(matrix, shape, 4, 7);
    expect(pieces.values).toEqual(whole.values);
    expect(pieces.left.values).toEqual(whole.left.values);
  });

  it('say how far their values may be from singular values, where the spectrum is flat', () => {
    const [rows, columns] = [100, 80];
    const random = stream(9, 'flat');
    const matrix = Float32Array.from({ length: rows * columns }, () => random.normal());
    const found = directionsOf(matrix, { rows, columns }, 4);
    // With 60 and 8 of 80 directions the iteration has the leading ones all but exact, and its own bound says how far.
    const better = directionsOf(matrix, { rows, columns }, 60);
    expect(found.error).toBeGreaterThan(0.01);
    for (const value of found.values) {
      const nearest = Math.min(...better.values.map((other) => Math.abs(other - value)));
      expect(nearest).toBeLessThanOrEqual(found.error + better.error);
    }
  });
});

describe('effectiveRank', () => {
  it('is the number of equal values where all are known, and brackets it where they are not', () => {
    const flat = { values: [1, 1, 1, 1], isExact: true, error: 0, left: { values: new Float64Array(0), columns: 4 } };
    const exact = describeSpectrum({ ...flat, right: flat.left }, { squares: 4, side: 4, rank: 4, rounding: 0 });
    expect(exact.effectiveRank[0]).toBeCloseTo(4, 12);
    const part = describeSpectrum({ ...flat, right: flat.left }, { squares: 8, side: 64, rank: 4, rounding: 0 });
    // Four more of the same size at least, at most spread over 60 directions.
    expect(part.effectiveRank[0]).toBeCloseTo(8, 12);
    expect(part.effectiveRank[1]).toBeCloseTo(Math.exp(0.5 * Math.log(8) + 0.5 * Math.log(120)), 8);
  });
});
