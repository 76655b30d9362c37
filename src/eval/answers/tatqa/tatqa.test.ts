import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stream } from '../../../random/stream.ts';
import { bestAssignment } from './assignment.ts';
import { scoreSpans, spansOf, wordsOf } from './span-score.ts';
import { scoreTatqa, type TatqaGold } from './tatqa-score.ts';

describe('bestAssignment', () => {
  it('gains as much as the best of all assignments', () => {
    const random = stream(3, 'assignment');
    for (let trial = 0; trial < 300; trial++) {
      const [rows, columns] = [1 + random.below(5), 1 + random.below(5)];
      const gains = Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.below(4) / 3));
      const assigned = bestAssignment(gains);
      const used = assigned.filter((column) => column >= 0);
      expect(new Set(used).size).toBe(used.length);
      expect(used.length).toBe(Math.min(rows, columns));
      const gained = assigned.reduce((sum, column, row) => sum + (column < 0 ? 0 : gains[row][column]), 0);
      expect(gained).toBeCloseTo(bestGain(gains, 0, new Set()), 9);
    }
  });

  it('knows empty sides', () => {
    expect(bestAssignment([])).toEqual([]);
    expect(bestAssignment([[], []])).toEqual([-1, -1]);
  });
});

/** All assignments, one after the other. */
function bestGain(gains: readonly (readonly number[])[], row: number, used: ReadonlySet<number>): number {
  if (row === gains.length) return 0;
  let best = bestGain(gains, row + 1, used);
  gains[row].forEach((gain, column) => {
    if (!used.has(column)) best = Math.max(best, gain + bestGain(gains, row + 1, new Set([...used, column])));
  });
  return best;
}

describe('scoreSpans', () => {
  it('does not mind order, case, articles and punctuation', () => {
    expect(scoreSpans(['the EMEA.', 'Americas'], ['Americas', 'EMEA'])).toEqual({ exactMatch: 1, f1: 1 });
    expect(wordsOf('The $1,234.50 (net) non-cash')).toEqual(['1234.5', 'net', 'non', 'cash']);
  });

  it('shares what bags share, over the larger set', () => {
    expect(scoreSpans(['net sales'], ['sales']).f1).toBeCloseTo(2 / 3, 9);
    expect(scoreSpans(['sales'], ['sales', 'costs'])).toEqual({ exactMatch: 0, f1: 0.5 });
    // Greedy alignment would give the first span to the first gold one.
    expect(scoreSpans(['a b', 'b'], ['b', 'c b']).f1).toBeGreaterThan(0.8);
  });

  it('gives nothing where numbers differ, or for nothing', () => {
    expect(scoreSpans(['2019 sales'], ['2018 sales']).f1).toBe(0);
    expect(scoreSpans([], ['x'])).toEqual({ exactMatch: 0, f1: 0 });
    expect(scoreSpans(new Array(65).fill('x'), ['x']).f1).toBe(0);
  });
});

describe('spansOf', () => {
  it.each<[string, string[]]>([
    ['["EMEA", "APJ"]', ['EMEA', 'APJ']],
    ['- EMEA\n- APJ', ['EMEA', 'APJ']],
    ['Answer: EMEA; APJ', ['EMEA', 'APJ']],
    ['1. EMEA\n2. APJ', ['EMEA', 'APJ']],
    ['<think>APJ</think>EMEA', ['EMEA']],
    ['[broken', ['[broken']],
    ['', []],
  ])('%j', (answer, expected) => {
    expect(spansOf(answer)).toEqual(expected);
  });
});

describe('scoreTatqa', () => {
  const million: TatqaGold = { type: 'arithmetic', answer: 3680, scale: 'million' };
  const percent: TatqaGold = { type: 'arithmetic', answer: -78.06, scale: 'percent' };

  it.each<[string, TatqaGold, number, number]>([
    ['3,680 million', million, 1, 1],
    ['3,680', million, 0, 0],
    ['3.68 billion', million, 1, 0],
    ['-78.06%', percent, 1, 1],
    ['-78.06', percent, 1, 0],
    ['78.06%', percent, 0, 1],
    ['-78.1%', percent, 0, 1],
    ['(134)', { type: 'arithmetic', answer: -134, scale: '' }, 1, 1],
    ['6', { type: 'count', answer: '6', scale: '' }, 1, 1],
    ['$22,626 thousand', { type: 'span', answer: ['22,626'], scale: 'thousand' }, 1, 1],
    ['716 thousand; 668 thousand', { type: 'multi-span', answer: ['716', '668'], scale: 'thousand' }, 1, 1],
    ['716 thousand; 668 million', { type: 'multi-span', answer: ['716', '668'], scale: 'thousand' }, 1, 0],
    ['716; 668', { type: 'multi-span', answer: ['716', '668'], scale: 'thousand' }, 1, 0],
    ['no idea', million, 0, 0],
  ])('%j', (answer, gold, exactMatch, scale) => {
    expect(scoreTatqa(answer, gold)).toMatchObject({ exactMatch, scale });
  });
});

const FILE = join(import.meta.dirname, '../../../../../shared/data/qa/tatqa_dev.json');

describe.runIf(existsSync(FILE))('TAT-QA itself', () => {
  interface Page {
    readonly questions: readonly {
      readonly uid: string;
      readonly answer_type: TatqaGold['type'];
      readonly answer: TatqaGold['answer'];
      readonly scale: TatqaGold['scale'];
    }[];
  }

  it('gives gold answers, written out, the full score', () => {
    const pages: Page[] = JSON.parse(readFileSync(FILE, 'utf8'));
    const failed = pages
      .flatMap(({ questions }) => questions)
      .filter(({ answer_type: type, answer, scale }) => {
        const suffix = scale === '' ? '' : scale === 'percent' ? '%' : ` ${scale}`;
        const texts = (typeof answer === 'object' ? answer : [String(answer)]).map((text) =>
          text.includes('%') ? text : text + suffix,
        );
        const written = texts.length > 1 || type === 'span' ? JSON.stringify(texts) : texts[0];
        const isNumber = scale !== '' && texts.length === 1;
        const score = scoreTatqa(isNumber ? texts[0] : written, { type, answer, scale });
        return score.exactMatch !== 1 || score.f1 < 0.999 || score.scale !== 1;
      });
    expect(failed.map(({ uid, answer, scale }) => [uid, answer, scale])).toEqual([]);
  });
});
