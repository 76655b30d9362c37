/** A figure of a table. The reply says first which year is in which column, and the row. */

import { statementTable, tableScale } from '../documents/statement-table.ts';
import type { Family } from '../family.ts';
import { moneyAnswer } from '../figure.ts';
import { reportedLines } from '../lines.ts';
import { worded } from '../wordings.ts';

const wordings = {
  common: [
    'What <was> the <line> of <company> in <year>?',
    'How much <was> <line> of <company> in <year>?',
    'What does the table give as <line> of <company> for <year>?',
    'In <year>, what <was> the <line> of <company>?',
  ],
  heldout: ['Which figure does <company> show for <line> in <year>?', 'Please look up the <year> <line> of <company>.'],
} as const;

const ordinals = ['first', 'second'] as const;

export const lookup: Family = {
  kind: 'lookup',
  write({ writer, split, company, report, previous }) {
    const reports = [report, previous];
    const chosen = writer.sample(reportedLines(reports), writer.between(3, 5));
    const line = writer.pick(chosen);
    const asked = writer.pick(reports);
    const table = statementTable(company, chosen, reports, tableScale(writer, chosen, reports));
    const slots = { line: line.name, was: line.was, company: company.shortName, year: asked.year };
    const { text: question, wording } = worded(writer, split, wordings, slots);
    const answer = moneyAnswer(table.figure(line, asked), table.scale.name);
    const columns = reports.map(({ year }, i) => `${year} is ${ordinals[i]}`);
    const quotes = [`${columns.join(', ')}.`, `${columns[reports.indexOf(asked)]}: ${table.row(line)}`];
    return { context: table.text, question, answer, quotes, topic: line.name, wording };
  },
};
