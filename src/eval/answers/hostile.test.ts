import { describe, expect, it } from 'vitest';
import { isLinear } from '../testing/growth.ts';
import { labelOf } from './choices/label-of.ts';
import { letterOf } from './choices/letter-of.ts';
import { codeBlocks } from './code-block.ts';
import { programOf } from './programs/program-of.ts';
import { scoreSpans, spansOf } from './tatqa/span-score.ts';

const options = { mode: 'lenient', texts: ['Revenue', 'Net income'] } as const;

const READERS: readonly (readonly [string, (text: string) => unknown])[] = [
  ['letterOf', (text) => letterOf(text, ['A', 'B'], options)],
  ['labelOf', (text) => labelOf(text, ['positive', 'not applicable', '中性'], { mode: 'lenient' })],
  ['programOf', (text) => programOf(text, { mode: 'lenient' })],
  ['codeBlocks', (text) => codeBlocks(text)],
  ['spansOf', (text) => scoreSpans(spansOf(text), ['Revenue'])],
];

const REPEATED = [
  ...[' ', '\n', 'x', '*', '- ', '(A) ', 'A\n', '[[', '[[A]] ', '\\boxed{', 'answer is ', 'answer to ', 'answer:\n\n'],
  ...[
    'positive ',
    'not ',
    'not positive ',
    '<think>',
    '</think>',
    '<answer>',
    '```\n',
    '`',
    'ans = 1\n',
    'add(1, 2), ',
  ],
  ...['\ud800', '\0', '不', '中性', ';', '1. ', '"', '['],
];

describe.each(READERS)('%s', (_name, read) => {
  it('reads anything in linear time', () => {
    const slow = REPEATED.filter((piece) => !isLinear(read, (length) => piece.repeat(length / piece.length), 2 ** 13));
    expect(slow).toEqual([]);
  });

  it('reads boxes in boxes in linear time', () => {
    const nested = (length: number) => '\\boxed{'.repeat(length / 8) + '}'.repeat(length / 8);
    expect(isLinear(read, nested, 2 ** 15)).toBe(true);
  });
});
