import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stream } from '../../random/stream.ts';
import { LogitsRow } from './logits-row.ts';

const shape = [fc.integer({ min: 1, max: 2000 }), fc.nat(1000)] as const;

function rowOf(values: Float32Array): LogitsRow {
  const row = new LogitsRow(values.length);
  row.view(values);
  return row;
}

/** Few distinct values, so that many are equal. */
function randomValues(vocabulary: number, seed: number): Float32Array {
  const random = stream(seed, vocabulary);
  return Float32Array.from({ length: vocabulary }, () => random.below(50) / 3);
}

describe('LogitsRow', () => {
  it('finds the maximum, and the lowest id that has it', () => {
    fc.assert(
      fc.property(...shape, (vocabulary, seed) => {
        const values = randomValues(vocabulary, seed);
        const row = rowOf(values);
        expect(row.max).toBe(Math.max(...values));
        expect(row.argmax()).toBe(values.indexOf(Math.max(...values)));
      }),
    );
  });

  it('at least as many tokens reach a bound as it was asked for, and idsFrom lists them all', () => {
    fc.assert(
      fc.property(...shape, fc.integer({ min: 1, max: 12 }), (vocabulary, seed, count) => {
        const values = randomValues(vocabulary, seed);
        const row = rowOf(values);
        const least = row.reachedBy(count);
        const ids = new Int32Array(vocabulary);
        const found = [...ids.subarray(0, row.idsFrom(least, ids))];
        expect(found).toEqual([...values.keys()].filter((id) => values[id] >= least));
        expect(found.length).toBeGreaterThanOrEqual(Math.min(count, vocabulary));
        if (count <= Math.ceil(vocabulary / 256)) expect(least).toBeGreaterThan(Number.NEGATIVE_INFINITY);
      }),
    );
  });

  it('is the same after changes as a new row of what they lead to', () => {
    fc.assert(
      fc.property(...shape, fc.integer({ min: 0, max: 2 }), (vocabulary, seed, density) => {
        const values = randomValues(vocabulary, seed);
        const random = stream(seed, 'changes');
        const changed = values.slice();
        const row = new LogitsRow(vocabulary);
        row.copy(rowOf(values));
        const mask = Uint32Array.from({ length: Math.ceil(vocabulary / 32) }, () => {
          return random.below(3) === 0 ? random.uint32() : [0, 0xffffffff, random.uint32()][density];
        });
        for (let id = 0; id < vocabulary; id++) {
          if (((mask[id >> 5] >>> (id & 31)) & 1) === 0) changed[id] = Number.NEGATIVE_INFINITY;
        }
        row.restrict(mask);
        for (let i = 0; i < 5; i++) {
          const id = random.below(vocabulary);
          if (changed[id] !== Number.NEGATIVE_INFINITY) changed[id] = 17 + i;
          row.set(id, 17 + i);
          const other = random.below(vocabulary);
          changed[other] = Number.NEGATIVE_INFINITY;
          row.forbid(other);
        }
        row.settle();
        const expected = rowOf(changed);
        expect(row.values).toEqual(changed);
        expect(row.max).toBe(expected.max);
        expect(row.argmax()).toBe(expected.argmax());
        expect(row.reachedBy(1)).toBe(expected.reachedBy(1));
        for (const share of [0, 0.3, 1 - 2 ** -53]) {
          if (expected.max > Number.NEGATIVE_INFINITY) expect(row.tokenAt(share, 1)).toBe(expected.tokenAt(share, 1));
        }
        expect(values).toEqual(randomValues(vocabulary, seed));
      }),
    );
  });

  it('sums weights anew for another scale', () => {
    const row = rowOf(Float32Array.of(0, -1, -2));
    expect(row.weightSum()).toBeCloseTo(1 + Math.exp(-1) + Math.exp(-2), 12);
    expect(row.weightSum(2)).toBeCloseTo(1 + Math.exp(-2) + Math.exp(-4), 12);
    row.view(Float32Array.of(0, 0, 0));
    expect(row.weightSum(2)).toBe(3);
  });

  it('the shares of [0, 1) go to tokens in proportion', () => {
    const values = new Float32Array(1000).fill(Number.NEGATIVE_INFINITY);
    for (const id of [3, 4, 700, 701]) values[id] = 2;
    const row = rowOf(values);
    const ids = [0, 0.249, 0.25, 0.499, 0.5, 0.749, 0.75, 1 - 2 ** -53].map((share) => row.tokenAt(share, 1));
    expect(ids).toEqual([3, 3, 4, 4, 700, 700, 701, 701]);
  });
});
