import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { splitSteps, splitWords } from './split-steps.ts';

/** What lies between the matches of `matchAll`, and the matches. */
function slowSplit(text: string, pattern: RegExp): string[] {
  const words: string[] = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    words.push(text.slice(end, match.index), match[0]);
    end = match.index + match[0].length;
  }
  words.push(text.slice(end));
  return words.filter((word) => word !== '');
}

const words = (text: string, ...patterns: RegExp[]): string[] => {
  const found: string[] = [];
  const steps = patterns.map(({ source }) => ({ here: new RegExp(source, 'uy'), next: new RegExp(source, 'gu') }));
  splitWords(text, steps, (word) => found.push(word));
  return found;
};

describe('splitWords', () => {
  it.each([/a+/gu, /b*/gu, /ab|ba/gu, /\p{L}+| /gu, /(?!a)/gu])('cuts as matchAll does with %s', (pattern) => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', 'b', ' ', '📈'), maxLength: 20 }), (text) => {
        expect(words(text, pattern)).toEqual(slowSplit(text, pattern));
      }),
    );
  });

  it('applies further steps to each piece, in order', () => {
    expect(words('ab12 cd', /\d/gu, /[a-z]+/gu)).toEqual(['ab', '1', '2', ' ', 'cd']);
    expect(words('')).toEqual([]);
    expect(words('ab 1')).toEqual(['ab 1']);
  });
});

describe('splitSteps', () => {
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false };

  it('declines what it cannot express', () => {
    const split = { type: 'Split', pattern: { Regex: 'a' }, behavior: 'Isolated' };
    expect(splitSteps([split, byteLevel])).toHaveLength(2);
    expect(splitSteps([split, { ...byteLevel, use_regex: false }])).toHaveLength(1);
    expect(splitSteps([])).toBeUndefined();
    expect(splitSteps([split])).toBeUndefined();
    expect(splitSteps([{ type: 'ByteLevel' }])).toBeUndefined();
    expect(splitSteps([{ ...split, behavior: 'Removed' }, byteLevel])).toBeUndefined();
    expect(splitSteps([{ ...split, invert: true }, byteLevel])).toBeUndefined();
    expect(splitSteps([{ type: 'WhitespaceSplit' }, byteLevel])).toBeUndefined();
  });

  it('reads whitespace as Unicode does', () => {
    const found: string[] = [];
    splitWords('a \u0085 b \ufeff c', splitSteps([byteLevel])!, (word) => found.push(word));
    expect(found).toEqual(['a', ' \u0085', ' b', ' \ufeff', ' c']);
  });
});
