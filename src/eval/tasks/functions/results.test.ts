/** Functions that score answers: by hand on small records, and on public data where they lie. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { mentionEntityF1 } from '../../metrics/entity-f1.ts';
import { itemsOf } from '../items.ts';
import { loadTask } from '../load-task.ts';
import type { ScoringResources } from '../scoring-resources.ts';
import type { Document, TaskItem } from '../task.ts';
import { executedPrograms } from './convfinqa.ts';
import { repliesInForm } from './document-questions.ts';
import { foundEntities, newsPieces } from './finentity.ts';
import { passingPrograms } from './humaneval.ts';
import type { Results } from './results.ts';
import { answerScores } from './tatqa.ts';

describe('finentity.finds', () => {
  const annotation = (value: string, label: string) => ({ value, label, start: 0, end: 1 });
  const news = [
    {
      content: 'Acme rose. Bolt fell. Acme again.',
      annotations: [annotation('Acme', 'Positive'), annotation('Bolt', 'Negative'), annotation('Acme', 'Positive')],
    },
    { content: 'Coil: a company stood still.', annotations: [annotation('Coil: a', 'Neutral')] },
  ];
  const pieces = newsPieces(news);
  const shares = (results: Results) => Object.values(results).map((share) => Object.values(share));

  it('counts each entity of the news once', () => {
    expect(pieces[0].entities).toEqual([
      { entity: 'Acme', label: 'positive' },
      { entity: 'Bolt', label: 'negative' },
    ]);
  });

  it.each([
    [
      'Acme: positive\nBolt: negative',
      [
        [4, 4],
        [2, 2],
        [2, 2],
      ],
    ],
    [
      '1. **acme**: Positive.\n- Bolt : neutral\nNothing else',
      [
        [2, 4],
        [1, 2],
        [1, 2],
      ],
    ],
    [
      'Acme: positive\nAcme: positive',
      [
        [2, 3],
        [1, 1],
        [1, 2],
      ],
    ],
    [
      'Acme is positive',
      [
        [0, 2],
        [0, 0],
        [0, 2],
      ],
    ],
    [
      '',
      [
        [0, 2],
        [0, 0],
        [0, 2],
      ],
    ],
  ])('F1, precision and recall of %j', (answer, expected) => {
    expect(shares(foundEntities(pieces[0], [answer]))).toEqual(expected);
  });

  it('lists nothing for a megabyte in one line', () => {
    expect(shares(foundEntities(pieces[0], [`${'x'.repeat(1 << 20)}: positive`]))[1]).toEqual([0, 0]);
  });

  it('adds up to the F1 of mentions over all news', () => {
    const answers = ['Acme: positive\nCoil: neutral', 'Coil: a: neutral'];
    const sums = pieces.map(
      (piece, i) => foundEntities(piece, [answers[i]]).entity_f1 as { sum: number; weight: number },
    );
    const share = sums.reduce((a, { sum }) => a + sum, 0) / sums.reduce((a, { weight }) => a + weight, 0);
    const { f1 } = mentionEntityF1([
      {
        gold: [
          { type: 'positive', text: 'Acme' },
          { type: 'negative', text: 'Bolt' },
        ],
        predicted: [
          { type: 'positive', text: 'Acme' },
          { type: 'neutral', text: 'Coil' },
        ],
      },
      { gold: [{ type: 'neutral', text: 'Coil: a' }], predicted: [{ type: 'neutral', text: 'Coil: a' }] },
    ]);
    expect(share).toBe(f1.value);
  });
});

describe('convfinqa.executes', () => {
  const document = { id: 'page', program: 'x0 = 12 - 9; ans = x0 / 9' };
  it.each([
    ['ans = 3 / 9', 1, 1],
    ['x0 = 12 - 9; ans = 9 / x0', 0, 1],
    ['ans = 1 / 0', 0, 0],
    ['0.33333', 0, 0],
    ['import os', 0, 0],
    ['ans = 0.333333', 1, 1],
  ])('%s', (answer, execution_acc, runs) => {
    expect(executedPrograms(document, [answer])).toEqual({ execution_acc, runs });
  });

  it('is the mean over several answers', () => {
    expect(executedPrograms(document, ['ans = 3 / 9', 'ans = 1', 'none'])).toEqual({
      execution_acc: 1 / 3,
      runs: 2 / 3,
    });
  });
});

describe('document_questions.replies', () => {
  const document = {
    form: 'quoted',
    options: ['inflation', 'Deflation'],
    prompt: 'Prices fell.\nOptions:\n- inflation\n- Deflation',
    answer: 'Deflation',
  };
  it.each([
    ['"deflation"', 1, 1, 1],
    [' "Inflation"\n', 1, 1, 0],
    ['"Prices"', 1, 0, 0],
    ['Deflation', 0, 0, 0],
    ['{"answer":"Deflation"}', 0, 0, 0],
    ['', 0, 0, 0],
  ])('%j', (reply, in_form, names_option, right_in_form) => {
    expect(repliesInForm(document, [reply])).toEqual({ in_form, names_option, right_in_form });
  });

  it('looks into the prompt of a question without options', () => {
    const written = { ...document, options: [], answer: 'Prices' };
    expect(repliesInForm(written, ['"prices fell"'])).toEqual({ in_form: 1, names_option: 1, right_in_form: 0 });
    expect(repliesInForm(written, ['"rents fell"'])).toEqual({ in_form: 1, names_option: 0, right_in_form: 0 });
  });
});

describe('tatqa.scores', () => {
  const document = { answers: ['42.1', '38.4'], answer_type: 'multi-span', scale: 'million' };
  it.each([
    ['38.4 million; 42.1 million', 1, 1, 1],
    ['42.1; 38.4', 1, 1, 0],
    ['42.1 million', 0.5, 0, 1],
    ['', 0, 0, 0],
  ])('%j', (answer, span_f1, span_match, scale_match) => {
    expect(answerScores(document, [answer])).toEqual({ span_f1, span_match, scale_match });
  });

  it('refuses what is not of the data set', () => {
    expect(() => answerScores({ ...document, scale: 'dozen' }, ['1'])).toThrow('scale: found "dozen"');
  });
});

const data = fileURLToPath(new URL('../../../../../shared/data', import.meta.url));
describe.runIf(existsSync(data))('right answers of public data', () => {
  beforeAll(() => {
    vi.stubEnv('FINERY_DATA', data);
  });
  afterAll(() => {
    vi.unstubAllEnvs();
  });
  const read = async (name: string): Promise<readonly TaskItem[]> =>
    itemsOf(await loadTask(fileURLToPath(new URL(`../../../../tasks/real/${name}.yaml`, import.meta.url))));
  const right = ({ variants: [{ target }] }: TaskItem) => target;

  it.each([
    ['finentity_list', foundEntities, (result: Results) => shareOf(result.entity_f1)],
    ['convfinqa_programs', executedPrograms, (result: Results) => shareOf(result.execution_acc)],
    ['tatqa_passages', answerScores, (result: Results) => Math.min(...Object.values(result).map(shareOf))],
  ] as [string, (document: Document, answers: readonly string[]) => Results, (result: Results) => number][])(
    'all of %s score 1',
    async (name, score, of) => {
      const items = await read(name);
      expect(items.map((item) => of(score(item.document, right(item))))).toEqual(items.map(() => 1));
    },
    60_000,
  );
});

const shareOf = (result: Results[string]): number => (typeof result === 'number' ? result : result.sum / result.weight);

describe('humaneval.passes', () => {
  it('has no score for a program that the sandbox does not take, and does not stop', async () => {
    const document = { prompt: 'def f():\n', entry_point: 'f', test: 'def check(f): pass' };
    const resources = { python: () => expect.unreachable('the sandbox was asked') } as unknown as ScoringResources;
    const results = await passingPrograms(document, ['    return 1', '#'.repeat(17 * 2 ** 20)], resources);
    expect(results).toEqual({ noScore: expect.stringMatching(/^a program of 178\d{5} characters .* 16777216 of the/) });
  });
});
