/** One step of calculation with figures of a table. */

import { statementTable, tableScale } from '../documents/statement-table.ts';
import type { Family } from '../family.ts';
import { reportedLines } from '../lines.ts';
import { worded } from '../wordings.ts';
import { calculations } from './calculations.ts';

/** Rows of the table, those that are needed among them. */
const ROWS = [3, 4] as const;

export const numeric: Family = {
  kind: 'numeric',
  write({ writer, split, company, report, previous }) {
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
      const quotes = needs.map(table.row);
      return { context: table.text, question, answer: worked.answer, quotes, steps: [worked.step], topic, wording };
    }
    throw new Error(`no calculation has a meaning for ${company.name} in ${report.year}`);
  },
};
