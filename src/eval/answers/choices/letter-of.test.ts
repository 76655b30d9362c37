import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../../errors.ts';
import { letterOf } from './letter-of.ts';

const LETTERS = ['A', 'B', 'C', 'D'];
const texts = ['Revenue', 'Net income', 'Cash', '-5%'];

/** The letter or the reason, strict and lenient. */
function read(answer: string): [string, string] {
  const one = (mode: 'strict' | 'lenient') => {
    const reading = letterOf(answer, LETTERS, { mode, texts });
    return reading.ok ? reading.value : reading.reason;
  };
  return [one('strict'), one('lenient')];
}

describe('letterOf', () => {
  it.each([
    'B',
    '(B)',
    'B.',
    ' **B** ',
    'The correct answer is B',
    'The answer to the question is therefore (B), because assets rose.',
    '**Answer:** B',
    'Answer:\n\nB',
    'Selection: [[B]]',
    'So \\boxed{\\text{(B)}}',
    '<answer>B</answer>',
    'Option B is correct.',
    'B. Net income',
    'I do not think the answer is A. The answer is B.',
    '答案是B。',
    '正确答案：（Ｂ）',
    '故选B',
    '正解はBです。',
    '<think>The answer is A? No.</think>B',
    'A looks right.</think>The answer is B',
  ])('reads B from %j', (answer) => {
    expect(read(answer)).toEqual(['B', 'B']);
  });

  it.each([
    ['b', 'B'],
    ['Net income', 'B'],
    ['The answer is net income.', 'B'],
    ['B\n\nAssets rose.', 'B'],
    ['B) Assets rose.', 'B'],
    ['I would take (B) here.', 'B'],
    ['- 5%', 'missing'],
    ['-5%', 'D'],
    ['5%', 'missing'],
    ['A company reported a loss.', 'missing'],
    ['The answer is A company.', 'missing'],
    ['The answer is not B.', 'missing'],
    ['I like B-shares.', 'missing'],
    ['The answer is A+.', 'missing'],
    ['Answer: ABD', 'missing'],
    ['Statement B is correct.', 'missing'],
    ['cab', 'missing'],
    ['A. Revenue\nB. Net income', 'ambiguous'],
  ])('is not certain about %j, leniently %s', (answer, lenient) => {
    expect(read(answer)).toEqual(['missing', lenient]);
  });

  it.each([
    ['The answer is A. Wait, the answer is B.', 'B'],
    ['The answer is B or C.', 'ambiguous'],
    ['Answer: (A), (C)', 'ambiguous'],
    ['B. Revenue', 'ambiguous'],
  ])('finds several in %j, leniently %s', (answer, lenient) => {
    expect(read(answer)).toEqual(['ambiguous', lenient]);
  });

  it('knows nothing, and thoughts without an end', () => {
    expect(read(' \n')).toEqual(['empty', 'empty']);
    expect(read('<think>B</think> ')).toEqual(['empty', 'empty']);
    expect(read('<think>The answer is B')).toEqual(['truncated', 'truncated']);
  });

  it('does not trust an answer that was cut off', () => {
    const cut = (answer: string, mode: 'strict' | 'lenient') => letterOf(answer, LETTERS, { mode, isCutOff: true });
    expect(cut('The answer is B. Let me check: 1 + 1', 'strict')).toEqual({ ok: false, reason: 'truncated' });
    expect(cut('The answer is B. Let me check: 1 + 1', 'lenient')).toMatchObject({ value: 'B' });
    expect(cut('The answer is B', 'lenient')).toEqual({ ok: false, reason: 'truncated' });
    expect(cut('Let me see', 'lenient')).toEqual({ ok: false, reason: 'truncated' });
  });

  it('reads digits and kana as names of choices, but no numbers', () => {
    const digits = ['1', '2', '3'];
    expect(letterOf('正解は３です', digits)).toMatchObject({ value: '3', span: { start: 3, end: 4 } });
    expect(letterOf('答えはアです', ['ア', 'イ'])).toMatchObject({ value: 'ア' });
    for (const answer of ['The answer is 3%', 'The answer is 3.5', 'The answer is 3 million', '13']) {
      expect(letterOf(answer, digits, { mode: 'lenient' }).ok, answer).toBe(false);
    }
  });

  it('tells where it read, in the raw text', () => {
    const raw = '<think>no</think>The answer is (Ｃ).';
    const reading = letterOf(raw, LETTERS);
    expect(reading.ok && raw.slice(reading.span.start, reading.span.end)).toBe('Ｃ');
  });

  it('refuses letters that cannot be told apart', () => {
    for (const letters of [[], ['A', 'A'], ['A|B'], ['ABC']]) expect(() => letterOf('A', letters)).toThrow(UsageError);
  });

  it('never throws, and points at what it read', () => {
    const parts = fc.constantFrom(
      'A',
      'B',
      ' ',
      '(',
      ')',
      '[[',
      ']]',
      'answer is ',
      '\\boxed{',
      '}',
      '<think>',
      '</think>',
      '\n',
      '答案',
      '\ud800',
      '\0',
      '.',
      'or ',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(parts, fc.string({ unit: 'binary' })), { maxLength: 12 }), (pieces) => {
        const raw = pieces.join('');
        for (const mode of ['strict', 'lenient'] as const) {
          const reading = letterOf(raw, LETTERS, { mode, texts });
          if (!reading.ok) continue;
          const found = raw.slice(reading.span.start, reading.span.end).normalize('NFKC');
          expect([reading.value, reading.value.toLowerCase(), ...texts].map((text) => text.toLowerCase())).toContain(
            found.toLowerCase(),
          );
        }
      }),
      { numRuns: 500, seed: 1 },
    );
  });
});
