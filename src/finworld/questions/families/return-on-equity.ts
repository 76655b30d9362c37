/** Return on equity, at once or in the three factors of DuPont: net margin, asset turnover and equity multiplier. */
import { statementDocument } from '../documents/statement-document.ts';
import type { Family } from '../family.ts';
import { operand, ratioAnswer } from '../figure.ts';
import { netIncome, reportedLines, revenue, totalAssets, totalEquity } from '../lines.ts';
import { worded } from '../wordings.ts';
import { Working } from '../working.ts';

const wordings = {
  direct: {
    common: [
      'What was the return on equity of <company> in <year>, on equity at year end?',
      'How many percent of its year-end equity did <company> earn in <year>?',
    ],
    heldout: ['Work out the <year> ROE of <company>, on equity at year end.'],
  },
  dupont: {
    common: [
      'Use the DuPont factors to work out the return on equity of <company> in <year>.',
      'What are the net margin, asset turnover and equity multiplier of <company> in <year>, and which return on equity do they give?',
    ],
    heldout: ['Break the <year> return on equity of <company> into its DuPont factors.'],
  },
  assets: {
    common: ['What was the return on assets of <company> in <year>, on assets at year end?'],
    heldout: ['How many percent of its year-end assets did <company> earn in <year>?'],
  },
} as const;

const names = { direct: 'return on equity', dupont: 'DuPont analysis', assets: 'return on assets' } as const;

export const returnOnEquity: Family = {
  kind: 'return_on_equity',
  write({ writer, split, company, report, previous }) {
    const asks = writer.pick(['direct', 'dupont', 'dupont', 'assets'] as const);
    const needs = [netIncome, revenue, totalAssets, totalEquity];
    const reports = [report, previous];
    const others = reportedLines(reports).filter((line) => !needs.includes(line));
    const { text, figure } = statementDocument(writer, company, [...needs, ...writer.sample(others, 1)], reports);
    const [income, sales, assets, equity] = needs.map((line) => operand(figure(line, report)));
    const working = new Working();
    const percentage = () => {
      if (asks === 'direct') return working.work('', `${income} / ${equity} * 100`, 1);
      if (asks === 'assets') return working.work('', `${income} / ${assets} * 100`, 1);
      const factors = [`${income} / ${sales}`, `${sales} / ${assets}`, `${assets} / ${equity}`] as const;
      ['Net margin', 'Asset turnover', 'Equity multiplier'].forEach((name, i) => {
        working.work(name, factors[i], 5);
      });
      // The product of the rounded factors would not always round as the return does.
      return working.work('Return on equity', `${factors.map((factor) => `(${factor})`).join(' * ')} * 100`, 1);
    };
    const answer = ratioAnswer(percentage(), '%');
    const slots = { company: company.shortName, year: report.year };
    const { text: question, wording } = worded(writer, split, wordings[asks], slots);
    return { context: text, question, answer, steps: working.steps, topic: names[asks], wording: `${asks}/${wording}` };
  },
};
