import { describe, expect, it } from 'vitest';
import { markup } from '../../report/markup.ts';
import { excerptOf } from './excerpt.ts';
import { brief, excerptMarkup, named } from './model-text.ts';

const whole = (start: string) => excerptMarkup({ start, omitted: 0, end: '' }).text;

describe('excerptMarkup', () => {
  it('leaves text as it is, with its line breaks, escaped', () => {
    expect(whole('a < b\n"c" & 中文 👩‍💼')).toBe('a &lt; b\n&quot;c&quot; &amp; 中文 👩‍💼');
  });

  it('shows what could hide or turn the writing round', () => {
    const code = (picture: string) => `<span class="code">${picture}</span>`;
    expect(whole('a\tb')).toBe(`a${code('⇥')}b`);
    expect(whole('\u0000\u001b[31m\r\n')).toBe(`${code('␀')}${code('␛')}[31m${code('␍')}\n`);
    expect(whole('x\u202ey\u2066z\u200b')).toBe(`x${code('U+202E')}y${code('U+2066')}z${code('U+200B')}`);
    expect(whole('\ud800\u007f\u2028\ufeff\u{e0041}')).toBe(
      ['U+D800', '␡', 'U+2028', 'U+FEFF', 'U+E0041'].map(code).join(''),
    );
  });

  it('notes how much was left out, and where', () => {
    expect(excerptMarkup({ start: 'a<', omitted: 12_345, end: '>b' }).text).toBe(
      'a&lt;<span class="cut">[12,345 characters left out]</span>&gt;b',
    );
  });
});

describe('excerptOf', () => {
  it('cuts nothing that fits, and counts what it cuts', () => {
    expect(excerptOf('x'.repeat(50), { start: 5, end: 5 })).toEqual({ start: 'x'.repeat(50), omitted: 0, end: '' });
    expect(excerptOf('abcde'.repeat(20), { start: 5, end: 4 })).toEqual({ start: 'abcde', omitted: 91, end: 'bcde' });
  });

  it('never leaves half a character', () => {
    const text = '\ud83d\ude00'.repeat(50);
    const { start, omitted, end } = excerptOf(text, { start: 5, end: 5 });
    expect([start, end]).toEqual(['\ud83d\ude00'.repeat(2), '\ud83d\ude00'.repeat(2)]);
    expect(start.length + omitted + end.length).toBe(100);
  });
});

describe('names', () => {
  it('are one line, cut where they are long, isolated', () => {
    expect(brief('a\n\t b', 10)).toBe('a b');
    expect(brief('x'.repeat(1e6), 5)).toBe('xxxx…');
    expect(markup`${named('<b>\u202e')}`.text).toBe('<bdi>&lt;b&gt;\ufffd</bdi>');
  });
});
