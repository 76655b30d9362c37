/** A figure of a table. */
import type { Economy } from '../economy/economy.ts';
import type { Split } from '../split.ts';
import { caseOf } from './case.ts';
import { moneyAnswer } from './figure.ts';
import { reportedLines } from './lines.ts';
import type { Question } from './question.ts';
import { workedReply } from './reply.ts';
import { statementTable, tableScale } from './statement-table.ts';
import { worded } from './wordings.ts';

const wordings = {
  common: [
    'What was the <line> of <company> in <year>?',
    'How much was <line> of <company> in <year>?',
    'What does the table give as <line> of <company> for <year>?',
    'In <year>, what was the <line> of <company>?',
  ],
  heldout: ['Which figure does <company> show for <line> in <year>?', 'Please look up the <year> <line> of <company>.'],
} as const;

export function lookupQuestion(economy: Economy, split: Split, index: number): Question {
  const { writer, company, report, previous } = caseOf(economy, 'lookup', split, index);
  const reports = [report, previous];
  const shown = writer.sample(reportedLines(reports), writer.between(3, 5));
  const line = writer.pick(shown);
  const asked = writer.pick([report, previous]);
  const table = statementTable(company, shown, reports, tableScale(writer, shown, reports));
  const slots = { line: line.name, company: company.shortName, year: asked.year };
  const { text: question, wording } = worded(writer, split, wordings, slots);
  const answer = moneyAnswer(table.figure(line, asked), table.scale.name);
  return {
    id: `lookup/${split}/${index}`,
    kind: 'lookup',
    split,
    language: 'en',
    company: company.name,
    context: table.text,
    question,
    prompt: `${table.text}\nQuestion: ${question}`,
    reply: workedReply([], answer),
    answer,
    steps: [],
    options: [],
    gold: 0,
    topic: line.name,
    wording,
  };
}
