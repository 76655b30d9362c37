import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Limits } from './limits.ts';
import { join, replace, split, strip } from './text-operations.ts';
import { append, concat, ELSEWHERE, type Piece, plain, slice, TEMPLATE, type TracedText } from './traced-text.ts';

const piece = (text: string, isContent: boolean): Piece => ({
  text,
  source: isContent ? ELSEWHERE : TEMPLATE,
  turn: undefined,
  generated: false,
});

/** Small letters are content, everything else is the template's. */
function traced(text: string): TracedText {
  const pieces: Piece[] = [];
  for (const character of text) append(pieces, [piece(character, /[a-z]/.test(character))]);
  return pieces;
}

const isTraced = (text: TracedText): boolean => {
  expect(text).toEqual(traced(plain(text)));
  return true;
};

const some = fc.stringMatching(/^[ab AB\n]{0,12}$/);
const limits = (): Limits => new Limits();

describe('text that is cut and joined', () => {
  it('keeps where each character came from', () => {
    fc.assert(
      fc.property(some, some, fc.stringMatching(/^[aAb ]{1,2}$/), fc.integer({ min: -1, max: 3 }), (a, b, by, most) => {
        isTraced(concat(traced(a), traced(b)));
        isTraced(slice(traced(a), 2, 7));
        isTraced(strip(traced(a), 'both'));
        isTraced(replace(traced(a), by, traced(b), most, limits()));
        isTraced(join([traced(a), traced(b), traced(a)], traced(by), limits()));
        for (const part of split(traced(a), by, most, limits())) isTraced(part);
      }),
    );
  });

  it('is cut as JavaScript does where it does as Python', () => {
    fc.assert(
      fc.property(some, some, fc.stringMatching(/^[aAb ]{1,2}$/), (a, b, by) => {
        expect(plain(strip(traced(a), 'left'))).toBe(a.trimStart());
        expect(plain(strip(traced(a), 'right'))).toBe(a.trimEnd());
        expect(plain(replace(traced(a), by, traced(b), -1, limits()))).toBe(a.replaceAll(by, () => b));
        expect(split(traced(a), by, -1, limits()).map(plain)).toEqual(a.split(by));
        expect(split(traced(a), undefined, -1, limits()).map(plain)).toEqual(
          a.split(/\s+/).filter((word) => word !== ''),
        );
      }),
    );
  });

  // From Python's own answers.
  it.each([
    [strip(traced('\x1c\u00a0x\u2003\ufeff'), 'both'), 'x\u2003\ufeff'],
    [strip(traced('xxabxx'), 'left', 'x'), 'abxx'],
    [strip(traced('📈a📉📈'), 'both', '📈'), 'a📉'],
    [strip(traced('   '), 'both'), ''],
    [replace(traced('aaa'), 'a', traced('B'), 2, limits()), 'BBa'],
    [replace(traced('ab'), '', traced('-'), -1, limits()), '-a-b-'],
    [replace(traced('ab'), '', traced('-'), 2, limits()), '-a-b'],
    [replace(traced('📈'), '', traced('-'), -1, limits()), '-📈-'],
  ])('is cut as Python does, case %#', (text, expected) => expect(plain(text)).toBe(expected));

  it.each([
    ['a,b,c', ',', 1, ['a', 'b,c']],
    ['a,b,c', ',', 0, ['a,b,c']],
    ['  a  b  c ', undefined, 1, ['a', 'b  c ']],
    ['  a  b ', undefined, 0, ['a  b ']],
    ['', undefined, -1, []],
    ['', ',', -1, ['']],
  ] as const)('is split as Python does: %j by %j at most %d times', (text, by, most, expected) => {
    expect(split(traced(text), by, most, limits()).map(plain)).toEqual(expected);
  });
});
