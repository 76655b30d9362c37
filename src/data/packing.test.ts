import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { stream } from '../random/stream.ts';
import { type Packing, packBestFitDecreasing } from './packing.ts';

function rows({ items, rowStarts }: Packing): number[][] {
  return Array.from({ length: rowStarts.length - 1 }, (_, r) => [...items.subarray(rowStarts[r], rowStarts[r + 1])]);
}

/** The definition, in quadratic time; among equally full rows, the one that came to this fill last. */
function naive(lengths: readonly number[], capacity: number): number[][] {
  const order = lengths.map((_, i) => i).sort((a, b) => lengths[b] - lengths[a] || a - b);
  const open: { room: number; touched: number; items: number[] }[] = [];
  for (const [clock, item] of order.entries()) {
    const fits = open.filter(({ room }) => room >= lengths[item]);
    let best = fits.sort((a, b) => a.room - b.room || b.touched - a.touched)[0];
    if (best === undefined) {
      best = { room: capacity, touched: 0, items: [] };
      open.push(best);
    }
    best.items.push(item);
    best.room -= lengths[item];
    best.touched = clock;
  }
  return open.map(({ items }) => items);
}

/** Fewest rows, by trying everything. */
function optimum(lengths: readonly number[], capacity: number): number {
  let best = lengths.length;
  const place = (item: number, rooms: number[]): void => {
    if (rooms.length >= best) return;
    if (item === lengths.length) {
      best = rooms.length;
      return;
    }
    for (let r = 0; r < rooms.length; r++) {
      if (rooms[r] < lengths[item]) continue;
      rooms[r] -= lengths[item];
      place(item + 1, rooms);
      rooms[r] += lengths[item];
    }
    rooms.push(capacity - lengths[item]);
    place(item + 1, rooms);
    rooms.pop();
  };
  place(0, []);
  return best;
}

const problem = fc
  .integer({ min: 1, max: 70 })
  .chain((capacity) =>
    fc.tuple(fc.constant(capacity), fc.array(fc.integer({ min: 1, max: capacity }), { maxLength: 80 })),
  );

describe('packBestFitDecreasing', () => {
  it('equals the quadratic definition, row by row', () => {
    fc.assert(
      fc.property(problem, ([capacity, lengths]) => {
        expect(rows(packBestFitDecreasing(lengths, capacity))).toEqual(naive(lengths, capacity));
      }),
      { numRuns: 300 },
    );
  });

  it('uses at most 11/9 of the optimum and 4 rows, mostly the optimum', () => {
    const random = stream(1, 'packing');
    let optimal = 0;
    for (let trial = 0; trial < 100; trial++) {
      const lengths = Array.from({ length: 9 }, () => 1 + random.below(60));
      const used = packBestFitDecreasing(lengths, 100).rowStarts.length - 1;
      const fewest = optimum(lengths, 100);
      expect(used).toBeGreaterThanOrEqual(fewest);
      expect(used).toBeLessThanOrEqual((11 / 9) * fewest + 4);
      if (used === fewest) optimal++;
    }
    expect(optimal).toBeGreaterThan(90);
  });

  it('takes 200,000 documents in well under a second and leaves almost nothing empty', () => {
    const random = stream(2, 'packing');
    const lengths = Array.from({ length: 200_000 }, () =>
      Math.min(2048, 1 + Math.floor(Math.exp(5 + random.normal()))),
    );
    const start = performance.now();
    const { rowStarts } = packBestFitDecreasing(lengths, 2048);
    expect(performance.now() - start).toBeLessThan(1000);
    const tokens = lengths.reduce((a, b) => a + b);
    expect(tokens / ((rowStarts.length - 1) * 2048)).toBeGreaterThan(0.999);
  });

  it('refuses lengths that fit no row', () => {
    for (const bad of [0, -1, 5, 1.5, Number.NaN]) expect(() => packBestFitDecreasing([2, bad], 4)).toThrow(/item 1/);
  });

  it('packs nothing into no rows', () => {
    expect(rows(packBestFitDecreasing([], 4))).toEqual([]);
  });
});
