import { expect, it } from 'vitest';
import { shownText } from './shown-text.ts';

it('shownText keeps lines and tabs, and shows what would steer the terminal', () => {
  expect(shownText('a\tb\n☃ é')).toBe('a\tb\n☃ é');
  expect(shownText('\x1b]0;owned\x07\r\n\x9b2J\u202e')).toBe('\\u{1b}]0;owned\\u{7}\\u{d}\n\\u{9b}2J\\u{202e}');
});
