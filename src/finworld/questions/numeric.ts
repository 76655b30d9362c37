/** One step of calculation with figures of a table. */
import type { Economy } from '../economy/economy.ts';
import type { Split } from '../split.ts';
import { calculations } from './calculations.ts';
import { caseOf } from './case.ts';
import { reportedLines } from './lines.ts';
import type { Question } from './question.ts';
import { workedReply } from './reply.ts';
import { statementTable, tableScale } from './statement-table.ts';
import { worded } from './wordings.ts';

/** Rows of the table, those that are needed among them. */
const ROWS = [3, 4] as const;

export function numericQuestion(economy: Economy, split: Split, index: number): Question {
  const { writer, company, report, previous } = caseOf(economy, 'numeric', split, index);
  const reports = [report, previous];
  // Where one has no meaning for these statements, such as a margin of no revenue, the next one is asked for.
  for (const calculation of writer.sample(calculations, calculations.length)) {
    const { topic, line, needs, hides, wordings } = calculation;
    const others = reportedLines(reports).filter((other) => !needs.includes(other) && !hides.includes(other));
    const shown = [...needs, ...writer.sample(others, writer.between(...ROWS) - needs.length)];
    const table = statementTable(company, shown, reports, tableScale(writer, shown, reports));
    const worked = calculation.work(table, report, previous);
    if (worked === undefined) continue;
    const slots = { topic, line, company: company.shortName, year: report.year, before: previous.year };
    const { text: question, wording } = worded(writer, split, wordings, slots);
    return {
      id: `numeric/${split}/${index}`,
      kind: 'numeric',
      split,
      language: 'en',
      company: company.name,
      context: table.text,
      question,
      prompt: `${table.text}\nQuestion: ${question}`,
      reply: workedReply([worked.step], worked.answer),
      answer: worked.answer,
      steps: [worked.step],
      options: [],
      gold: 0,
      topic,
      wording,
    };
  }
  throw new Error(`no calculation has a meaning for ${company.name} in ${report.year}`);
}
