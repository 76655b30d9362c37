import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BytePairEncoder } from './byte-pair-encoder.ts';

type Triple = readonly [left: number, right: number, merged: number];

/** Looks for the best pair of the whole word again before every merge. */
function slowEncode(word: readonly number[], merges: readonly Triple[]): number[] {
  const symbols = [...word];
  for (;;) {
    let best: { rank: number; at: number } | undefined;
    for (let at = 0; at + 1 < symbols.length; at++) {
      // A merge that is listed twice has the rank of its last place.
      const rank = merges.findLastIndex(([left, right]) => left === symbols[at] && right === symbols[at + 1]);
      if (rank >= 0 && (best === undefined || rank < best.rank)) best = { rank, at };
    }
    if (best === undefined) return symbols;
    symbols.splice(best.at, 2, merges[best.rank][2]);
  }
}

/** Merges over the bytes 0 to 3 and each other; union ids are arbitrary, and one pair may be listed twice. */
const anyMerges = fc
  .array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 20 })
  .map((pairs): Triple[] => pairs.map(([a, b], i) => [a % (4 + i), b % (4 + i), 4 + i]));

const encode = (word: readonly number[], merges: readonly Triple[]): number[] => {
  const encoder = new BytePairEncoder({ byteIds: Int32Array.from({ length: 256 }, (_, i) => i), merges });
  const symbols = Int32Array.from(word);
  return [...symbols.subarray(0, encoder.encode(symbols, word.length))];
};

describe('BytePairEncoder', () => {
  it('merges short words as a search over all pairs does', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { maxLength: 64 }), anyMerges, (word, merges) => {
        expect(encode(word, merges)).toEqual(slowEncode(word, merges));
      }),
      { numRuns: 500 },
    );
  });

  it('merges long words in the same way', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(3), { minLength: 65, maxLength: 300 }), anyMerges, (word, merges) => {
        expect(encode(word, merges)).toEqual(slowEncode(word, merges));
      }),
      { numRuns: 300 },
    );
  });

  it('merges a word of a million bytes in time that is nearly linear', () => {
    const merges = Array.from(
      { length: 20 },
      (_, i): Triple => [i === 0 ? 0 : 255 + i, i === 0 ? 0 : 255 + i, 256 + i],
    );
    const word = new Array<number>(2 ** 20).fill(0);
    expect(encode(word, merges)).toEqual([275]);
  }, 20_000);
});
