import { describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.ts';
import { createEconomy } from '../economy/economy.ts';
import { splitOf } from '../split.ts';
import { askQuestions, generateQuestions } from './generate-questions.ts';
import { coreKinds, type Question, type QuestionKind } from './question.ts';

const count = 300;
const economy = createEconomy({ seed: 5 });
const asked = (kind: Question['id'], split: 'train' | 'heldout' = 'heldout') =>
  askQuestions(economy, { kind: kind as QuestionKind, split, questions: count });

/** The table as a reader sees it: figures by line and year. */
function readTable(context: string): Map<string, number> {
  const [, header, ...rows] = context.split('\n').map((row) => row.split(' | '));
  return new Map(
    rows.flatMap(([label, ...cells]) =>
      cells.map((cell, i) => [`${label.toLowerCase()} ${header[i + 1]}`, Number(cell.replaceAll(',', ''))] as const),
    ),
  );
}

const yearsOf = (question: string): number[] => (question.match(/\b20\d\d\b/g) ?? []).map(Number);

describe('questions', () => {
  it.each(coreKinds)('%s are the same for the same seed, whatever their number, and differ otherwise', (kind) => {
    const some = generateQuestions({ kind, seed: 5, split: 'heldout', questions: 7 });
    expect(asked(kind).slice(0, 7)).toEqual(some);
    expect(generateQuestions({ kind, seed: 6, split: 'heldout', questions: 7 })).not.toEqual(some);
  });

  it.each(coreKinds)('%s are never asked twice, and each has an id of its own', (kind) => {
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
      expect(options[gold]).toBe(answer.text);
    }
  });

  it('lookups can be read off the table, once', () => {
    for (const { context, question, answer, topic } of asked('lookup')) {
      const [year] = yearsOf(question);
      expect(readTable(context).get(`${topic} ${year}`)).toBe(answer.value);
      expect(context).toContain(answer.text.replace(/^(-?)\$([\d,.]+) (thousand|million)$/, '$1$2'));
      expect(context.toLowerCase()).toContain(`\n${answer.scale}s of dollars`);
    }
  });

  it('look-ups say the column and the row before the answer', () => {
    for (const { context, question, reply, answer } of asked('lookup')) {
      const [columns, quoted, last] = reply.split('\n');
      const [year] = yearsOf(question);
      const years = yearsOf(context.split('\n')[1]);
      expect(columns).toBe(`${years[0]} is first, ${years[1]} is second.`);
      const place = years.indexOf(year);
      const [named, row] = quoted.split(': ');
      expect(named).toBe(`${year} is ${['first', 'second'][place]}`);
      expect(context.split('\n')).toContain(row);
      expect(row.split(' | ')[1 + place].replace('-', '')).toBe(last.match(/[\d,.]+/)?.[0]);
      expect(last).toBe(`Answer: ${answer.text}`);
    }
  });

  it('calculations say their rows again, and nothing that is not in them goes into a call', () => {
    for (const { context, reply, steps } of asked('numeric')) {
      const rows = reply.split('\n').slice(0, -2);
      expect(rows.length).toBeGreaterThanOrEqual(1);
      for (const row of rows) expect(context.split('\n')).toContain(row);
      const figures = rows.join(' ').match(/\d[\d,.]*/g);
      const operands = steps[0].expression.match(/\d[\d,]*\.\d|\d{1,3}(?:,\d{3})+/g) ?? [];
      for (const operand of operands) expect(figures).toContain(operand);
    }
  });

  it('calculations come out as figures of the table say', () => {
    type At = (line: string) => number;
    const formulas: Record<string, (now: At, then: At) => number> = {
      'growth of revenue': (now, then) => (100 * (now('revenue') - then('revenue'))) / then('revenue'),
      'growth of total assets': (now, then) =>
        (100 * (now('total assets') - then('total assets'))) / then('total assets'),
      'change in cash': (now, then) => now('cash') - then('cash'),
      'change in debt': (now, then) => now('debt') - then('debt'),
      'gross margin': (now) => (100 * now('gross profit')) / now('revenue'),
      'operating margin': (now) => (100 * now('operating income')) / now('revenue'),
      'net margin': (now) => (100 * now('net income')) / now('revenue'),
      'dividend payout ratio': (now) => (100 * now('total dividend')) / now('net income'),
      'ratio of debt to equity': (now) => now('debt') / now('total equity'),
      'interest coverage by operating income': (now) => now('operating income') / now('interest expense'),
      'gross profit': (now) => now('revenue') - now('cost of revenue'),
      'total equity': (now) => now('total assets') - now('total liabilities'),
      'free cash flow': (now) => now('cash flow from operations') - now('capital expenditure'),
      'sum of liabilities and equity': (now) => now('total liabilities') + now('total equity'),
    };
    const seen = new Set<string>();
    for (const { context, question, answer, topic } of asked('numeric')) {
      const table = readTable(context);
      const year = Math.max(...yearsOf(question));
      const at = (which: number) => (line: string) => table.get(`${line} ${which}`) ?? Number.NaN;
      const expected = formulas[topic](at(year), at(year - 1));
      const half = answer.unit === '' ? 0 : 0.5 / 10 ** answer.decimals;
      expect(Math.abs((answer.value ?? Number.NaN) - expected)).toBeLessThan(half + 1e-6);
      seen.add(topic);
    }
    expect(seen).toEqual(new Set(Object.keys(formulas)));
  });

  it('does not show the line that is asked for', () => {
    for (const { context, topic } of asked('numeric')) expect(context.toLowerCase()).not.toContain(`\n${topic} |`);
  });

  it('sentiments are as frequent as each other', () => {
    const labels = asked('sentiment').map(({ answer }) => answer.text);
    for (const label of ['positive', 'negative', 'neutral']) {
      expect(labels.filter((other) => other === label).length).toBeGreaterThanOrEqual(Math.floor(count / 3));
    }
  });

  it('rows of tables are short enough for a small model', () => {
    for (const kind of ['lookup', 'numeric']) {
      const rows = asked(kind).map(({ context }) => context.split('\n').length - 2);
      expect(Math.min(...rows)).toBe(3);
      expect(Math.max(...rows)).toBeLessThanOrEqual(5);
    }
  });

  it('refuses numbers of questions that are none', () => {
    for (const questions of [0, -1, 1.5, 1e9]) {
      const options = { kind: 'lookup', seed: 1, split: 'train', questions } as const;
      expect(() => generateQuestions(options)).toThrow(UsageError);
    }
  });
});
