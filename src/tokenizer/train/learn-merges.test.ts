import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BASE_SYMBOLS, learnMerges, type Merge } from './learn-merges.ts';

/** Counts every pair of every word again before every merge. */
function slowLearn(words: ReadonlyMap<string, number>, minFrequency: number): Merge[] {
  const ages = new Map(BASE_SYMBOLS.map((name, age) => [name, age]));
  const spelled = [...words].map(([word, count]) => ({ symbols: [...word], count }));
  const merges: Merge[] = [];
  for (;;) {
    const counts = new Map<string, number>();
    for (const { symbols, count } of spelled) {
      for (let i = 0; i + 1 < symbols.length; i++) {
        const pair = `${symbols[i]} ${symbols[i + 1]}`;
        counts.set(pair, (counts.get(pair) ?? 0) + count);
      }
    }
    const age = (pair: string): [number, number] => pair.split(' ').map((name) => ages.get(name)!) as [number, number];
    const [best] = [...counts].sort(([a, m], [b, n]) => n - m || age(a)[0] - age(b)[0] || age(a)[1] - age(b)[1]);
    if (best === undefined || best[1] < minFrequency) return merges;
    const [left, right] = best[0].split(' ');
    merges.push({ left, right, count: best[1] });
    ages.set(left + right, ages.size);
    for (const { symbols } of spelled) {
      for (let i = 0; i + 1 < symbols.length; i++) {
        if (symbols[i] === left && symbols[i + 1] === right) symbols.splice(i, 2, left + right);
      }
    }
  }
}

const anyWords = (letters: string, maxLength: number): fc.Arbitrary<Map<string, number>> =>
  fc
    .array(
      fc.tuple(
        fc.string({ unit: fc.constantFrom(...letters), minLength: 1, maxLength }),
        fc.integer({ min: 1, max: 9 }),
      ),
      {
        maxLength: 12,
      },
    )
    .map((entries) => new Map(entries));

describe('learnMerges', () => {
  it.each([
    ['few letters, many repeats', 'ab', 24],
    ['one letter', 'a', 40],
    ['more letters', 'abcdef', 10],
  ])('equals counting from scratch: %s', (_, letters, maxLength) => {
    fc.assert(
      fc.property(anyWords(letters, maxLength), fc.integer({ min: 1, max: 4 }), (words, minFrequency) => {
        expect([...learnMerges(words, minFrequency)]).toEqual(slowLearn(words, minFrequency));
      }),
      { numRuns: 300 },
    );
  });

  it('does not depend on the order of words', () => {
    fc.assert(
      fc.property(anyWords('abc', 12), (words) => {
        expect([...learnMerges([...words].reverse(), 1)]).toEqual([...learnMerges(words, 1)]);
      }),
    );
  });

  it('takes the pair of older symbols among equally frequent ones', () => {
    const [first] = learnMerges(
      [
        ['zz', 1],
        ['ba', 1],
        ['ab', 1],
      ],
      1,
    );
    expect(first).toEqual({ left: 'a', right: 'b', count: 1 });
  });

  it('works on the bytes of characters', () => {
    expect([...learnMerges([['é', 3]], 2)]).toEqual([{ left: 'Ã', right: '©', count: 3 }]);
  });

  it('makes each token once', () => {
    fc.assert(
      fc.property(anyWords('ab', 30), (words) => {
        const tokens = [...learnMerges(words, 1)].map(({ left, right }) => left + right);
        expect(new Set(tokens).size).toBe(tokens.length);
      }),
    );
  });
});
