/** Gross, operating and net margins, worked out from revenue and costs alone, and how they change. */
import type { AnnualReport } from '../../economy/statements.ts';
import { statementDocument } from '../documents/statement-document.ts';
import type { ShownStatements } from '../documents/statement-table.ts';
import type { Family } from '../family.ts';
import { operand, ratioAnswer } from '../figure.ts';
import {
  costOfRevenue,
  depreciation,
  incomeTax,
  interestExpense,
  type Line,
  researchExpenses,
  revenue,
  sellingExpenses,
} from '../lines.ts';
import { worded } from '../wordings.ts';
import { Working } from '../working.ts';

interface Margin {
  readonly topic: string;
  readonly profit: string;
  readonly costs: readonly Line[];
}

const gross: Margin = { topic: 'gross margin', profit: 'Gross profit', costs: [costOfRevenue] };
const operating: Margin = {
  topic: 'operating margin',
  profit: 'Operating income',
  costs: [...gross.costs, sellingExpenses, researchExpenses, depreciation],
};
const net: Margin = {
  topic: 'net margin',
  profit: 'Net income',
  costs: [...operating.costs, interestExpense, incomeTax],
};

const wordings = {
  level: {
    common: [
      'What was the <topic> of <company> in <year>?',
      'Work out the <topic> of <company> for <year> from revenue and costs.',
    ],
    heldout: ['How many percent of revenue were left as the <topic> of <company> in <year>?'],
  },
  change: {
    common: ['By how many percentage points did the <topic> of <company> change from <before> to <year>?'],
    heldout: ['From <before> to <year>, how far did the <topic> of <company> move, in percentage points?'],
  },
} as const;

export const margins: Family = {
  kind: 'margins',
  write({ writer, split, company, report, previous }) {
    const margin = writer.pick([gross, operating, net]);
    const { topic } = margin;
    // Lines of zeros, such as research in some sectors, would only be read.
    const costs = margin.costs.filter((line) => [report, previous].some((one) => line.of(one) !== 0));
    const document = statementDocument(writer, company, [revenue, ...costs], [report, previous]);
    const asks = writer.pick(['level', 'level', 'change'] as const);
    const working = new Working();
    const profitShare = (one: AnnualReport) => profitOverRevenue(working, { ...margin, costs }, document, one);
    const now = profitShare(report);
    const slots = { topic, company: company.shortName, year: report.year, before: previous.year };
    const { text: question, wording } = worded(writer, split, wordings[asks], slots);
    const written = { context: document.text, question, topic, wording: `${asks}/${wording}` };
    if (asks === 'level') {
      const level = working.work(`Margin ${report.year}`, `${now} * 100`, 1);
      return { ...written, answer: ratioAnswer(level, '%'), steps: working.steps };
    }
    const change = working.work('Change', `(${now} - ${profitShare(previous)}) * 100`, 1);
    const points = ratioAnswer(change, '');
    const answer = { ...points, text: `${points.text} percentage points` };
    return { ...written, answer, steps: working.steps };
  },
};

/** Works the profit out, and writes the quotient that the margin is. */
function profitOverRevenue(
  working: Working,
  margin: Margin,
  { figure }: ShownStatements,
  report: AnnualReport,
): string {
  const sales = figure(revenue, report);
  const terms = [sales, ...margin.costs.map((line) => figure(line, report))].map(operand);
  const profit = working.exactly(`${margin.profit} ${report.year}`, terms.join(' - '), sales.decimals);
  return `${profit.operand} / ${operand(sales)}`;
}
