import { describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.ts';
import { splitOf } from '../split.ts';
import { generateQuestions } from './generate-questions.ts';
import { type Question, questionKinds } from './question.ts';

const count = 400;
const asked = (kind: Question['id'], split: 'train' | 'heldout' = 'heldout') =>
  generateQuestions({ kind: kind as (typeof questionKinds)[number], seed: 5, split, questions: count });

const amount = (text: string): number => Number(text.replace(/[(),]/g, '')) * (text.startsWith('(') ? -1 : 1);

/** The table as a reader sees it: figures by line and year. */
function readTable(context: string): Map<string, number> {
  const [, header, ...rows] = context.split('\n').map((row) => row.split(' | '));
  return new Map(
    rows.flatMap(([label, ...cells]) =>
      cells.map((cell, i) => [`${label.toLowerCase()} ${header[i + 1]}`, amount(cell)] as const),
    ),
  );
}

describe('questions', () => {
  it.each(questionKinds)('%s are the same for the same seed, whatever their number, and differ otherwise', (kind) => {
    const some = generateQuestions({ kind, seed: 5, split: 'heldout', questions: 7 });
    expect(asked(kind).slice(0, 7)).toEqual(some);
    expect(generateQuestions({ kind, seed: 6, split: 'heldout', questions: 7 })).not.toEqual(some);
  });

  it.each(questionKinds)('%s are never asked twice, and each has an id of its own', (kind) => {
    const questions = asked(kind);
    expect(new Set(questions.map(({ context, question }) => `${context}\n${question}`)).size).toBe(questions.length);
    expect(new Set(questions.map(({ id }) => id)).size).toBe(questions.length);
  });

  it.each(['sentiment', 'lookup', 'numeric'])('%s of one split are about companies of that split', (kind) => {
    for (const split of ['train', 'heldout'] as const) {
      const companies = asked(kind, split).map(({ company }) => company.split(' ')[0]);
      expect(new Set(companies.map(splitOf))).toEqual(new Set([split]));
    }
  });

  it('facts of the two splits are worded differently, and have one right option', () => {
    const wordings = (split: 'train' | 'heldout') =>
      asked('facts', split).map(({ question }) => question.replace(/^.*?(means|name for) /, ''));
    const held = new Set(wordings('heldout'));
    expect(wordings('train').filter((wording) => held.has(wording))).toEqual([]);
    for (const { options, gold, answer } of asked('facts')) {
      expect(new Set(options).size).toBe(4);
      expect(options[gold]).toBe(answer);
    }
  });

  it('lookups can be read off the table, once', () => {
    for (const { context, question, answer, topic } of asked('lookup')) {
      const year = /\b(20\d\d)\b/.exec(question)?.[1];
      expect(readTable(context).get(`${topic} ${year}`)).toBe(amount(answer));
    }
  });

  it('calculations come out as figures of the table say', () => {
    const formulas: Record<string, (now: (line: string) => number, then: (line: string) => number) => number> = {
      'revenue growth': (now, then) => (100 * (now('revenue') - then('revenue'))) / then('revenue'),
      'growth of total assets': (now, then) =>
        (100 * (now('total assets') - then('total assets'))) / then('total assets'),
      'change in cash': (now, then) => now('cash') - then('cash'),
      'change in debt': (now, then) => now('debt') - then('debt'),
      'gross margin': (now) => (100 * now('gross profit')) / now('revenue'),
      'operating margin': (now) => (100 * now('operating income')) / now('revenue'),
      'net margin': (now) => (100 * now('net income')) / now('revenue'),
      'dividend payout ratio': (now) => (100 * now('dividends paid')) / now('net income'),
      'ratio of debt to equity': (now) => now('debt') / now('total equity'),
      'interest coverage by operating income': (now) => now('operating income') / now('interest expense'),
      'gross profit': (now) => now('revenue') - now('cost of revenue'),
      'total equity': (now) => now('total assets') - now('total liabilities'),
      'free cash flow': (now) => now('cash flow from operations') - now('capital expenditure'),
    };
    const seen = new Set<string>();
    for (const { context, question, answer, topic, unit } of asked('numeric')) {
      const table = readTable(context);
      const year = Number(/\b(20\d\d)\b/.exec(question)?.[1]);
      const at = (which: number) => (line: string) => table.get(`${line} ${which}`) ?? Number.NaN;
      const expected = formulas[topic](at(year), at(year - 1));
      const half = unit === '%' ? 0.05 : unit === 'x' ? 0.005 : 0;
      expect(Math.abs(amount(answer.replace('-', '')) * (answer.startsWith('-') ? -1 : 1) - expected)).toBeLessThan(
        half + 1e-9,
      );
      seen.add(topic);
    }
    expect(seen).toEqual(new Set(Object.keys(formulas)));
  });

  it('does not show the line that is asked for', () => {
    for (const { context, topic } of asked('numeric')) expect(context.toLowerCase()).not.toContain(`\n${topic} |`);
  });

  it('sentiments are as frequent as each other', () => {
    const labels = asked('sentiment').map(({ answer }) => answer);
    for (const label of ['positive', 'negative', 'neutral']) {
      expect(labels.filter((other) => other === label).length).toBeGreaterThanOrEqual(Math.floor(count / 3));
    }
  });

  it('refuses numbers of questions that are none', () => {
    for (const questions of [0, -1, 1.5, 1e9]) {
      const options = { kind: 'lookup', seed: 1, split: 'train', questions } as const;
      expect(() => generateQuestions(options)).toThrow(UsageError);
    }
  });
});
