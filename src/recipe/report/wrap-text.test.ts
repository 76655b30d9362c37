import fc from 'fast-check';
import { expect, it } from 'vitest';
import { wrapText } from './wrap-text.ts';

it.each([
  ['a line that fits', 20, ['a line that fits']],
  ['two words', 5, ['two', 'words']],
  ['abc defghijkl', 5, ['abc', 'defgh', 'ijkl']],
  ['one\n\ntwo', 10, ['one', '', 'two']],
  ['  indented text', 10, ['  indented', 'text']],
  ['\u6536\u5165\u662f\u591a\u5c11', 6, ['\u6536\u5165\u662f', '\u591a\u5c11']],
  ['e\u0301e\u0301e\u0301e\u0301', 2, ['e\u0301e\u0301', 'e\u0301e\u0301']],
])('wraps %j at %d', (text, width, lines) => {
  expect(wrapText(text, width)).toEqual(lines);
});

it('loses nothing but spaces, and keeps to the width', () => {
  const words = fc.array(fc.stringMatching(/^[a-z ]{0,9}$/), { maxLength: 30 }).map((all) => all.join(' '));
  fc.assert(
    fc.property(words, fc.integer({ min: 2, max: 30 }), (text, width) => {
      const lines = wrapText(text, width);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
      expect(lines.join('').replaceAll(' ', '')).toBe(text.replaceAll(' ', ''));
    }),
  );
});
