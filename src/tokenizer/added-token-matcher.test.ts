import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AddedTokenMatcher } from './added-token-matcher.ts';
import type { AddedToken } from './definition.ts';

const token = (content: string, id: number): AddedToken => ({
  id,
  content,
  special: true,
  singleWord: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
});

/** At each place the longest token, found by trying them all. */
function slowSplit(text: string, contents: readonly string[]): (string | number)[] {
  const pieces: (string | number)[] = [];
  let plain = '';
  for (let at = 0; at < text.length; ) {
    const matches = contents.filter((content) => text.startsWith(content, at));
    const longest = matches.sort((a, b) => b.length - a.length)[0];
    if (longest === undefined) {
      plain += text[at++];
      continue;
    }
    if (plain !== '') pieces.push(plain);
    plain = '';
    pieces.push(contents.indexOf(longest));
    at += longest.length;
  }
  if (plain !== '') pieces.push(plain);
  return pieces;
}

describe('AddedTokenMatcher', () => {
  it('finds what trying every token at every place finds', () => {
    const short = fc.string({ unit: fc.constantFrom('a', 'b', '<', '📈'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        fc.uniqueArray(short, { maxLength: 6 }),
        fc.string({ unit: fc.constantFrom('a', 'b', '<', '📈'), maxLength: 40 }),
        (contents, text) => {
          const pieces: (string | number)[] = [];
          const matcher = new AddedTokenMatcher(contents.map(token));
          matcher.split(
            text,
            (piece) => pieces.push(piece),
            (id) => pieces.push(id),
          );
          expect(pieces).toEqual(slowSplit(text, contents));
        },
      ),
    );
  });
});
