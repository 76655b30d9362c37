/** The same question twice: once the table has the figure, once it does not, and a right reply says so. */
import { statementTable, tableScale } from '../documents/statement-table.ts';
import type { Family } from '../family.ts';
import { moneyAnswer } from '../figure.ts';
import { isImplied } from '../implied-lines.ts';
import { type Line, reportedLines } from '../lines.ts';
import { wordAnswer } from '../question.ts';
import { worded } from '../wordings.ts';

const wordings = {
  common: ['What <was> the <line> of <company> in <year>?', 'How much <was> <line> of <company> in <year>?'],
  heldout: ['Which figure does <company> show for <line> in <year>?'],
} as const;

/** Rows of the table; what is asked for does not follow from the others. */
const ROWS = 4;

export const refusals: Family = {
  kind: 'refusals',
  hasTwins: true,
  write({ writer, split, company, history, report, previous, isTwin }) {
    const lacks = writer.pick(['line', 'year'] as const);
    const later = history.filter(({ year }) => year !== report.year && year !== previous.year);
    const others = [previous, writer.pick(later)];
    const reported = reportedLines([report, ...others]);
    const [line, ...candidates] = writer.sample(reported, reported.length);
    const rest: Line[] = [];
    for (const candidate of candidates) {
      if (rest.length < ROWS && !isImplied(line, [...rest, candidate], report)) rest.push(candidate);
    }
    const shown = isTwin && lacks === 'line' ? rest : [line, ...rest.slice(1)];
    const reports = isTwin && lacks === 'year' ? others : [report, previous];
    const columns = [...reports].sort((a, b) => b.year - a.year);
    const table = statementTable(company, shown, columns, tableScale(writer, shown, columns));
    const slots = { line: line.name, was: line.was, company: company.shortName, year: report.year };
    const { text: question, wording } = worded(writer, split, wordings, slots);
    const written = { context: table.text, question, wording };
    if (!isTwin)
      return { ...written, answer: moneyAnswer(table.figure(line, report), table.scale.name), topic: 'given' };
    const lacking = lacks === 'line' ? `no ${line.name}` : `no figures for ${report.year}`;
    const answer = wordAnswer('cannot be determined');
    const reply = `The table has ${lacking}.\nAnswer: ${answer.text}`;
    return { ...written, answer, reply, declines: true, topic: `no ${lacks}` };
  },
};
