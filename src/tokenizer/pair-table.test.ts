import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PairTable } from './pair-table.ts';

describe('PairTable', () => {
  it('agrees with a Map of strings, growing as needed', () => {
    const symbol = fc.oneof(fc.nat(20), fc.nat(2 ** 31 - 1));
    fc.assert(
      fc.property(fc.array(fc.tuple(symbol, symbol, fc.nat(2 ** 31 - 1)), { maxLength: 400 }), (entries) => {
        const table = new PairTable();
        const map = new Map<string, number>();
        for (const [left, right, value] of entries) {
          expect(table.get(left, right)).toBe(map.get(`${left} ${right}`) ?? -1);
          table.set(left, right, value);
          map.set(`${left} ${right}`, value);
        }
        for (const [left, right] of entries) expect(table.get(left, right)).toBe(map.get(`${left} ${right}`));
        expect(table.size).toBe(map.size);
      }),
    );
  });
});
