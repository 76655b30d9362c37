/** Gross, operating and net margins, worked out from revenue and costs alone, and how they change. */
import type { AnnualReport } from '../../economy/statements.ts';
import { operand, ratioAnswer } from '../figure.ts';
import { inLanguages } from '../in-languages.ts';
import {
  costOfRevenue,
  depreciation,
  incomeTax,
  interestExpense,
  researchExpenses,
  revenue,
  sellingExpenses,
} from '../lines.ts';
import { worded } from '../wordings.ts';
import { marginWords } from '../words/margins.ts';
import { Working } from '../working.ts';

const gross = [costOfRevenue];
const operating = [...gross, sellingExpenses, researchExpenses, depreciation];
const allCosts = { gross, operating, net: [...operating, interestExpense, incomeTax] };

export const margins = inLanguages('margins', marginWords, (asked, locale, words) => {
  const { writer, split, company, report, previous } = asked;
  const kind = writer.pick(['gross', 'operating', 'net'] as const);
  // Lines of zeros, such as research in some sectors, would only be read.
  const costs = allCosts[kind].filter((line) => [report, previous].some((one) => line.of(one) !== 0));
  const { text, figure } = locale.statements(writer, company, [revenue, ...costs], [report, previous]);
  const asks = writer.pick(['level', 'level', 'change'] as const);
  const working = new Working();
  /** Works the profit out, and writes the quotient that the margin is. */
  const profitOverRevenue = (one: AnnualReport): string => {
    const sales = figure(revenue, one);
    const terms = [sales, ...costs.map((line) => figure(line, one))].map(operand);
    const label = locale.ofYear(words.profits[kind], one.year);
    const profit = working.exactly(label, terms.join(' - '), sales.decimals);
    return `${profit.operand} / ${operand(sales)}`;
  };
  const answer = () => {
    const now = profitOverRevenue(report);
    if (asks === 'level') {
      const label = locale.ofYear(words.steps.margin, report.year);
      return ratioAnswer(working.work(label, `${now} * 100`, 1), '%');
    }
    const change = `(${now} - ${profitOverRevenue(previous)}) * 100`;
    const points = ratioAnswer(working.work(words.steps.change, change, 1), '');
    return { ...points, text: points.text + words.points };
  };
  const slots = {
    ...{ topic: words.margins[kind], company: company.shortName },
    ...{ year: report.year, before: previous.year },
  };
  const { text: question, wording } = worded<string>(writer, split, words[asks], slots);
  return {
    ...{ context: text, question, answer: answer(), steps: working.steps },
    ...{ topic: marginWords.en.margins[kind], wording: `${asks}/${wording}` },
  };
});
