import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CodePointSet, codePointSet, complement, EVERY_CHARACTER, intersection } from './code-points.ts';
import { type ByteRange, utf8Sequences } from './utf8-sequences.ts';

const LIMITS = [0, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x3ffff, 0x40000, 0x10ffff];
const codePoints = fc.oneof(
  fc.constantFrom(...LIMITS),
  fc.integer({ min: 0, max: 0x10ffff }),
  fc.integer({ min: 0, max: 0x900 }),
);
const sets = fc
  .array(fc.tuple(codePoints, codePoints), { maxLength: 5 })
  .map((pairs) => codePointSet(pairs.map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)));

const isSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdfff;
const holds = (set: CodePointSet, code: number): boolean => set.some(([low, high]) => low <= code && code <= high);
const size = (set: CodePointSet): number => set.reduce((sum, [low, high]) => sum + high - low + 1, 0);
const spells = (sequence: readonly ByteRange[], bytes: Uint8Array): boolean =>
  sequence.length === bytes.length && sequence.every(([low, high], i) => low <= bytes[i] && bytes[i] <= high);

/** Code points at the ends of ranges and beside them. */
const near = (set: CodePointSet): number[] =>
  [...set.flat(), ...LIMITS]
    .flatMap((code) => [code - 1, code, code + 1])
    .filter((code) => code >= 0 && code <= 0x10ffff);

describe('utf8Sequences', () => {
  it('spell each character of the set once, and no other', () => {
    fc.assert(
      fc.property(sets, fc.array(codePoints), (set, others) => {
        const sequences = utf8Sequences(set);
        for (const code of [...near(set), ...others].filter((code) => !isSurrogate(code))) {
          const bytes = new TextEncoder().encode(String.fromCodePoint(code));
          const count = sequences.filter((sequence) => spells(sequence, bytes)).length;
          expect(count, code.toString(16)).toBe(holds(set, code) ? 1 : 0);
        }
        // As many byte strings as characters: nothing is spelled that is no character.
        const strings = sequences.map((sequence) => sequence.reduce((ways, [low, high]) => ways * (high - low + 1), 1));
        expect(strings.reduce((a, b) => a + b, 0)).toBe(size(set));
      }),
      { numRuns: 500, seed: 6 },
    );
  });
});

describe('sets of code points', () => {
  it('follow the laws of sets', () => {
    fc.assert(
      fc.property(sets, sets, fc.array(codePoints), (a, b, others) => {
        for (const code of [...near(a), ...near(b), ...others]) {
          expect(holds(complement(a), code)).toBe(!holds(a, code) && !isSurrogate(code));
          expect(holds(intersection(a, b), code)).toBe(holds(a, code) && holds(b, code));
        }
        expect(complement(complement(a))).toEqual(a);
        expect(codePointSet([...a, ...b].toReversed())).toEqual(codePointSet([...a, ...b]));
      }),
      { numRuns: 300, seed: 7 },
    );
    expect(size(EVERY_CHARACTER)).toBe(0x110000 - 0x800);
  });
});
