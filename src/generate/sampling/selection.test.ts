import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leastKeyOfMass, nthLargest } from './selection.ts';

const values = fc.array(
  fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ noNaN: true }), fc.constant(Number.NEGATIVE_INFINITY)),
  { minLength: 1, maxLength: 60 },
);

describe('nthLargest', () => {
  it('is what sorting gives, ties and all, and does not look beyond its count', () => {
    fc.assert(
      fc.property(values, fc.nat(), (list, seed) => {
        const rank = (seed % list.length) + 1;
        const expected = list.toSorted((a, b) => b - a)[rank - 1];
        expect(nthLargest(Float64Array.from([...list, 1e300, -1e300]), list.length, rank) + 0).toBe(expected + 0);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('leastKeyOfMass', () => {
  // Integers: their sums are exact in any order.
  const items = fc.uniqueArray(fc.record({ key: fc.integer(), weight: fc.nat(5) }), {
    minLength: 1,
    maxLength: 60,
    selector: ({ key }) => key,
  });

  it('is what adding up in order gives', () => {
    fc.assert(
      fc.property(items, fc.nat(100), (list, percent) => {
        const total = list.reduce((sum, { weight }) => sum + weight, 0);
        const mass = Math.round((percent / 100) * total);
        const sorted = list.toSorted((a, b) => b.key - a.key);
        let sum = 0;
        const last = sorted.find(({ weight }) => {
          sum += weight;
          return sum >= mass;
        });
        const keys = Float64Array.from(list, ({ key }) => key);
        const weights = Float64Array.from(list, ({ weight }) => weight);
        expect(leastKeyOfMass(keys, weights, list.length, mass)).toBe(last?.key);
      }),
      { numRuns: 2000 },
    );
  });

  it('is the last key where all do not come to the mass', () => {
    fc.assert(
      fc.property(items, (list) => {
        const keys = Float64Array.from(list, ({ key }) => key);
        const weights = Float64Array.from(list, ({ weight }) => weight);
        expect(leastKeyOfMass(keys, weights, list.length, 1e9)).toBe(Math.min(...list.map(({ key }) => key)));
      }),
    );
  });
});
