/** Growth over several years: in all, a year at a compound rate (CAGR), and the sum and mean of the years. */
import { statementDocument } from '../documents/statement-document.ts';
import type { Family } from '../family.ts';
import { operand, ratioAnswer } from '../figure.ts';
import { reportedLines, revenue, totalAssets, totalEquity } from '../lines.ts';
import { worded } from '../wordings.ts';
import { Working } from '../working.ts';

const wordings = {
  rate: {
    common: [
      'What was the compound annual growth rate of <line> of <company> from <first> to <last>?',
      'At which compound annual rate did <line> of <company> grow from <first> to <last>?',
    ],
    heldout: ['From <first> to <last>, what was the CAGR of <line> of <company>?'],
  },
  total: {
    common: ['By how many percent did <line> of <company> grow in all from <first> to <last>?'],
    heldout: ['What was the total growth in percent of <line> of <company> between <first> and <last>?'],
  },
} as const;

export const compoundGrowth: Family = {
  kind: 'compound_growth',
  write({ writer, split, company, history, report }) {
    const span = writer.between(2, 4);
    const last = Math.max(history.indexOf(report), span);
    const reports = history.slice(last - span, last + 1);
    const line = writer.pick([revenue, totalAssets, totalEquity]);
    const others = reportedLines(reports).filter((one) => one !== line);
    const { text, figure } = statementDocument(writer, company, [line, ...writer.sample(others, 2)], reports);
    const [from, to] = [reports[0], reports[span]].map((one) => operand(figure(line, one)));
    const working = new Working();
    const topic = writer.pick(['rate', 'rate', 'total'] as const);
    const growth =
      topic === 'rate'
        ? working.work('A year', `((${to} / ${from}) ^ (1 / ${span}) - 1) * 100`, 1)
        : working.work('In all', `(${to} / ${from} - 1) * 100`, 1);
    const slots = { line: line.name, company: company.shortName, first: reports[0].year, last: reports[span].year };
    const { text: question, wording } = worded(writer, split, wordings[topic], slots);
    const answer = ratioAnswer(growth, '%');
    return {
      context: text,
      question,
      answer,
      steps: working.steps,
      topic: `compound ${topic}`,
      wording: `${topic}/${wording}`,
    };
  },
};
