/** Families whose answers are words: what a program can check of them. */
import { describe, expect, it } from 'vitest';
import { declines } from '../../eval/answers/refusals/declines.ts';
import { readInstructions } from '../../eval/instructions/read-instructions.ts';
import { createEconomy } from '../economy/economy.ts';
import { askQuestions } from './generate-questions.ts';
import { reportedLines } from './lines.ts';
import type { QuestionKind } from './question.ts';

const economy = createEconomy({ seed: 6 });
const asked = (kind: QuestionKind) => askQuestions(economy, { kind, split: 'heldout', questions: 240 });

describe('instructions', () => {
  const questions = asked('instructions');
  const checksOf = ({ instruction_id_list, kwargs, id }: (typeof questions)[number]) =>
    readInstructions(instruction_id_list, kwargs, id);

  it('are followed by their replies', () => {
    for (const question of questions) {
      for (const { id, check } of checksOf(question))
        expect(check(question.reply), `${id}: ${question.reply}`).toBe(true);
    }
    expect(new Set(questions.flatMap(({ instruction_id_list }) => instruction_id_list)).size).toBeGreaterThan(9);
  });

  it('are not followed by most replies to others', () => {
    const followed = questions.filter((question, i) => checksOf(question)[0].check(questions.at(i - 1)?.reply ?? ''));
    expect(followed.length / questions.length).toBeLessThan(0.4);
  });
});

it('what is refused for want of its line is no sum or difference of lines that are there', () => {
  const questions = askQuestions(economy, { kind: 'refusals', split: 'heldout', questions: 2000 });
  const refused = questions.filter(({ topic }) => topic === 'no line');
  expect(refused.length).toBeGreaterThan(300);
  for (const { context, question, company } of refused) {
    const reports = economy.reports(economy.companies.find(({ name }) => name === company) ?? economy.companies[0]);
    const [header, ...rows] = context.split('\n').slice(1);
    const columns = header.split(' | ').flatMap((year) => reports.filter((report) => String(report.year) === year));
    const lines = reportedLines(columns);
    const asked = lines.toSorted((a, b) => b.name.length - a.name.length).find(({ name }) => question.includes(name));
    const shown = rows.map((row) => lines.find(({ label }) => label === row.split(' | ')[0]));
    // What a choice of signs leaves of the line that is asked for, in every year of the table.
    let left = [columns.map((report) => asked?.of(report) ?? Number.NaN)];
    for (const line of shown) {
      const values = columns.map((report) => line?.of(report) ?? Number.NaN);
      left = [-1, 0, 1].flatMap((sign) => left.map((rest) => rest.map((value, i) => value + sign * values[i])));
    }
    expect(
      left.every((rest) => rest.some((value) => value !== 0)),
      `${context}\n${question}`,
    ).toBe(true);
  }
});

describe.each(['refusals', 'compliance'] as const)('%s', (kind) => {
  const questions = asked(kind);

  it('are declined where they have to be, and only there', () => {
    for (const question of questions) expect(declines(question.reply), question.reply).toBe(question.declines);
  });

  it('come as twins about one company, of which one is declined', () => {
    for (let i = 0; i < questions.length; i += 2) {
      const [one, other] = questions.slice(i, i + 2);
      expect(one.company).toBe(other.company);
      expect(one.declines).not.toBe(other.declines);
      expect(one.prompt).not.toBe(other.prompt);
      if (kind === 'refusals') expect(one.question).toBe(other.question);
    }
  });
});

it('refusals lack the line or the year that is asked for, and their twins have both', () => {
  for (const { context, question, declines: lacks } of asked('refusals')) {
    const [, header, ...rows] = context.split('\n').map((row) => row.split(' | '));
    const year = /\b20\d\d\b/.exec(question)?.[0] ?? '';
    const hasYear = header.includes(year);
    const names = rows.map(([label]) => label.toLowerCase());
    const hasLine = names.some((name) => new RegExp(`(the|was|were|\\d|for) ${name} (of|in)`).test(question));
    expect(hasYear && hasLine).toBe(!lacks);
  }
});

it('summaries say the facts, which the report has', () => {
  for (const { context, reply, facts } of asked('summaries')) {
    expect(facts).toHaveLength(4);
    for (const fact of facts) {
      expect(context).toContain(fact);
      expect(reply).toContain(fact);
    }
  }
});

it('entities stand in the news in the order of the list, and the list is whole', () => {
  for (const { context, answer, topic } of asked('entities')) {
    const places = answer.text.split('; ').map((name) => context.indexOf(name));
    expect(Math.min(...places)).toBeGreaterThanOrEqual(0);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    if (topic === 'amounts of money') expect(places).toHaveLength(context.match(/\$/g)?.length ?? 0);
  }
});

it('dialogues refer back to figures that were told', () => {
  for (const { earlier, context, steps } of asked('dialogue')) {
    expect(earlier.map(({ role }) => role)).toEqual(['user', 'assistant', 'user', 'assistant']);
    expect(earlier[0].content.startsWith(context)).toBe(true);
    const told = earlier.flatMap(({ role, content }) =>
      role === 'assistant' ? (content.match(/[\d,.]*\d/) ?? []) : [],
    );
    for (const figure of told) expect(steps[0].expression).toContain(figure);
  }
});

it('stances are as frequent as each other', () => {
  const answers = asked('stance').map(({ answer }) => answer.text);
  for (const stance of ['negative', 'neutral', 'positive']) {
    expect(answers.filter((one) => one === stance)).toHaveLength(80);
  }
});
