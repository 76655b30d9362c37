import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LengthSet } from './length-set.ts';

describe('LengthSet', () => {
  it('finds neighbours as a sorted list does, in trees of one to four levels', () => {
    const operations = fc.array(fc.record({ add: fc.boolean(), at: fc.double({ min: 0, max: 1, noNaN: true }) }), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(fc.constantFrom(1, 2, 31, 32, 33, 1024, 1025, 40_000), operations, (size, steps) => {
        const set = new LengthSet(size);
        const members = new Set<number>();
        for (const { add, at } of steps) {
          const member = Math.min(size - 1, Math.floor(at * size));
          if (add) {
            set.add(member);
            members.add(member);
          } else {
            set.delete(member);
            members.delete(member);
          }
          const sorted = [...members].sort((a, b) => a - b);
          for (const bound of [-1, 0, member - 1, member, member + 1, size - 1, size, size + 40]) {
            expect(set.atLeast(bound)).toBe(sorted.find((m) => m >= bound) ?? -1);
            expect(set.atMost(bound)).toBe(sorted.findLast((m) => m <= bound) ?? -1);
          }
        }
      }),
      { numRuns: 200 },
    );
  });
});
