/** The largest and the smallest of figures, and the year or the line that they belong to. */
import type { AnnualReport } from '../../economy/statements.ts';
import { statementDocument } from '../documents/statement-document.ts';
import type { ShownStatements } from '../documents/statement-table.ts';
import type { Case, Family } from '../family.ts';
import { moneyAnswer } from '../figure.ts';
import { type Line, reportedLines } from '../lines.ts';
import { type Answer, wordAnswer } from '../question.ts';
import { type Wordings, worded } from '../wordings.ts';

/** A figure with the line and the year it stands for. */
interface Place {
  readonly line: Line;
  readonly report: AnnualReport;
}

interface Topic {
  readonly topic: string;
  /** May use <end>, <line>, <company> and <year>. */
  readonly wordings: Wordings<string>;
  /** Whether figures of one line in several years are compared, or those of several lines in one year. */
  readonly across: 'years' | 'lines';
  readonly answer: (found: Place, document: ShownStatements) => Answer;
}

const amount: Topic['answer'] = ({ line, report }, { figure, scale }) => moneyAnswer(figure(line, report), scale.name);

const topics: readonly Topic[] = [
  {
    topic: 'year of the extreme',
    across: 'years',
    wordings: {
      common: ['In which year <was> <line> of <company> <end>?', 'When <was> <line> of <company> <end>?'],
      heldout: ['Which of the years shown had the <end> <line> of <company>?'],
    },
    answer: ({ report }) => wordAnswer(String(report.year)),
  },
  {
    topic: 'extreme over years',
    across: 'years',
    wordings: {
      common: ['What <was> the <end> <line> of <company> in the years shown?'],
      heldout: ['Of all years shown, what is the <end> figure of <company> for <line>?'],
    },
    answer: amount,
  },
  {
    topic: 'line of the extreme',
    across: 'lines',
    wordings: {
      common: ['Which line of <company> was <end> in <year>?', 'Which figure of <company> is the <end> one in <year>?'],
      heldout: ['Name the line with the <end> figure of <company> in <year>.'],
    },
    answer: ({ line }) => wordAnswer(line.label),
  },
  {
    topic: 'extreme over lines',
    across: 'lines',
    wordings: {
      common: ['How much is the <end> figure that <company> shows for <year>?'],
      heldout: ['For <year>, what amount is the <end> that <company> shows?'],
    },
    answer: amount,
  },
];

const YEARS = [3, 4] as const;

export const comparison: Family = {
  kind: 'comparison',
  write(asked) {
    const { writer, split, company } = asked;
    const reports = someYears(asked, writer.between(...YEARS));
    const chosen = writer.sample(reportedLines(reports), writer.between(3, 5));
    const document = statementDocument(writer, company, chosen, reports);
    const end = writer.pick(['largest', 'smallest'] as const);
    // Where two figures are the same, there is no answer: another line or year is asked for.
    for (const { topic, across, wordings, answer } of writer.sample(topics, topics.length)) {
      const line = writer.pick(chosen);
      const report = writer.pick(reports);
      const places =
        across === 'years'
          ? reports.map((one) => ({ line, report: one }))
          : chosen.map((one) => ({ line: one, report }));
      const found = extreme(places, document, end);
      if (found === undefined) continue;
      const slots = { end, line: line.name, was: line.was, company: company.shortName, year: report.year };
      const { text: question, wording } = worded(writer, split, wordings, slots);
      return {
        context: document.text,
        question,
        answer: answer(found, document),
        topic,
        wording: `${topic}/${wording}`,
      };
    }
    throw new Error(`all figures of ${company.name} are the same`);
  },
};

/** Consecutive years that end with the case's, or as many as there are. */
function someYears({ history, report }: Case, count: number): readonly AnnualReport[] {
  const last = Math.max(history.indexOf(report), count - 1);
  return history.slice(last - count + 1, last + 1);
}

function extreme(
  places: readonly Place[],
  { figure }: ShownStatements,
  end: 'largest' | 'smallest',
): Place | undefined {
  const units = places.map(({ line, report }) => figure(line, report).units);
  const wanted = end === 'largest' ? Math.max(...units) : Math.min(...units);
  const at = units.indexOf(wanted);
  return units.lastIndexOf(wanted) === at ? places[at] : undefined;
}
