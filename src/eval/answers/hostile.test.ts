import { describe, expect, it } from 'vitest';
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
  it('reads a megabyte of anything in linear time', () => {
    read('warm up');
    for (const piece of [...REPEATED, `${'\\boxed{'.repeat(60_000)}${'}'.repeat(60_000)}`]) {
      const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
      const before = process.cpuUsage().user;
      read(text);
      // A quadratic reading of a million characters takes minutes.
      expect((process.cpuUsage().user - before) / 1e6, JSON.stringify(piece.slice(0, 20))).toBeLessThan(5);
    }
  });
});
