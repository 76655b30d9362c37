import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { idOfRankKey, largestVocabulary, rankKey } from './rank-key.ts';

const logit = fc.oneof(fc.float({ noNaN: true }), fc.integer({ min: -2, max: 2 }).map(Math.fround));
const id = fc.oneof(fc.nat(largestVocabulary - 1), fc.constantFrom(0, largestVocabulary - 1));

describe('rankKey', () => {
  it('orders by logit, then by descending id', () => {
    fc.assert(
      fc.property(logit, id, logit, id, (a, i, b, j) => {
        const order = a === b ? Math.sign(j - i) : a > b ? 1 : -1;
        expect(Math.sign(rankKey(a, i) - rankKey(b, j)) + 0).toBe(order + 0);
      }),
      { numRuns: 5000 },
    );
  });

  it('gives the id back', () => {
    fc.assert(
      fc.property(logit, id, (a, i) => {
        expect(idOfRankKey(rankKey(a, i))).toBe(i);
      }),
    );
  });

  it('is a safe integer at the ends', () => {
    for (const value of [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]) {
      expect(Number.isSafeInteger(rankKey(value, 0))).toBe(true);
    }
    expect(rankKey(-0, 3)).toBe(rankKey(0, 3));
  });
});
