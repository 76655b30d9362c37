import { describe, expect, it } from 'vitest';
import { stream } from '../../random/stream.ts';
import { type Dense, orthonormalise } from './dense.ts';
import { leadingProducts } from './leading-products.ts';
import { randomOverlap, subspaceOverlap } from './subspace-overlap.ts';

/** Columns along axes of d dimensions, each turned by an angle towards the axis `columns` further on. */
function turned(d: number, angles: readonly number[]): Dense {
  const columns = angles.length;
  const values = new Float64Array(d * columns);
  for (const [k, angle] of angles.entries()) {
    values[k * columns + k] = Math.cos(angle);
    values[(columns + k) * columns + k] = Math.sin(angle);
  }
  return { values, columns };
}

describe('subspaceOverlap', () => {
  it('finds the angles that were put in', () => {
    const angles = [0.1, 0.7, 1.2];
    const { cosines, shared } = subspaceOverlap(turned(9, [0, 0, 0]), turned(9, angles));
    for (const [i, angle] of angles.entries()) expect(Math.acos(cosines[i])).toBeCloseTo(angle, 10);
    expect(shared).toBeCloseTo(
      angles.reduce((sum, angle) => sum + Math.cos(angle) ** 2, 0),
      10,
    );
  });

  it('finds the same and orthogonal subspaces, also of different dimensions', () => {
    const three = turned(8, [0, 0, 0]);
    const two = { values: Float64Array.from({ length: 16 }, (_, i) => (i === 0 || i === 3 ? 1 : 0)), columns: 2 };
    expect(subspaceOverlap(three, three).cosines).toEqual([1, 1, 1]);
    expect(subspaceOverlap(three, two).shared).toBeCloseTo(2, 12);
    expect(subspaceOverlap(two, three).shared).toBeCloseTo(2, 12);
    expect(subspaceOverlap(three, turned(8, [Math.PI / 2, Math.PI / 2, Math.PI / 2])).shared).toBeCloseTo(0, 12);
  });

  it('has the mean, spread and edge of random subspaces', () => {
    const [d, p, q, draws] = [40, 3, 5, 300];
    const random = stream(1, 'subspaces');
    const draw = (columns: number) =>
      orthonormalise({ values: Float64Array.from({ length: d * columns }, () => random.normal()), columns });
    const found = Array.from({ length: draws }, () => subspaceOverlap(draw(p), draw(q)));
    const { expected, variance, randomCosine } = randomOverlap(d, p, q);
    const mean = found.reduce((sum, { shared }) => sum + shared, 0) / draws;
    const spread = found.reduce((sum, { shared }) => sum + (shared - mean) ** 2, 0) / (draws - 1);
    expect(Math.abs(mean - expected)).toBeLessThan(4 * Math.sqrt(variance / draws));
    expect(Math.abs(spread / variance - 1)).toBeLessThan(5 * Math.sqrt(2 / draws));
    const largest = found.reduce((sum, { cosines }) => sum + cosines[0], 0) / draws;
    expect(Math.abs(largest / randomCosine - 1)).toBeLessThan(0.2);
  });
});

describe('leadingProducts', () => {
  it('is the inner product of the matrices', () => {
    const a = { values: [3, 1], left: turned(6, [0, 0]), right: turned(7, [0, 0]) };
    const b = { values: [2, 5], left: turned(6, [0.3, 1]), right: turned(7, [0.9, 0.2]) };
    const { dot, squaresA, squaresB } = leadingProducts(a, b);
    expect(dot).toBeCloseTo(3 * 2 * Math.cos(0.3) * Math.cos(0.9) + 1 * 5 * Math.cos(1) * Math.cos(0.2), 12);
    expect([squaresA, squaresB]).toEqual([10, 29]);
    // Coinciding directions with one sign turned: opposite.
    const turnedRound = { ...a, left: { values: a.left.values.map((value) => -value), columns: 2 } };
    expect(leadingProducts(a, turnedRound).dot).toBeCloseTo(-10, 12);
  });
});
