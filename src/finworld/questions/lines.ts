/** Lines of the statements that questions ask for. */
import { debtOf } from '../economy/identities.ts';
import type { AnnualReport } from '../economy/statements.ts';

export interface Line {
  readonly label: string;
  /** Within a sentence. */
  readonly name: string;
  /** What goes with it there. */
  readonly was: 'was' | 'were';
  /** Thousands of dollars. */
  readonly of: (report: AnnualReport) => number;
}

const line = (label: string, of: Line['of']): Line => {
  const was = /(assets|liabilities|expenses)$/.test(label) ? 'were' : 'was';
  return { label, name: label.toLowerCase(), was, of };
};

export const revenue = line('Revenue', (r) => r.revenue);
export const costOfRevenue = line('Cost of revenue', (r) => r.costOfRevenue);
export const grossProfit = line('Gross profit', (r) => r.grossProfit);
export const operatingIncome = line('Operating income', (r) => r.operatingIncome);
export const sellingExpenses = line('Selling expenses', (r) => r.sellingExpenses);
export const researchExpenses = line('Research expenses', (r) => r.researchExpenses);
export const depreciation = line('Depreciation', (r) => r.depreciation);
export const interestExpense = line('Interest expense', (r) => r.interestExpense);
export const incomeTax = line('Income tax', (r) => r.incomeTax);
export const netIncome = line('Net income', (r) => r.netIncome);
export const cash = line('Cash', (r) => r.cash);
export const totalAssets = line('Total assets', (r) => r.totalAssets);
export const debt = line('Debt', debtOf);
export const totalLiabilities = line('Total liabilities', (r) => r.totalLiabilities);
export const totalEquity = line('Total equity', (r) => r.totalEquity);
export const operatingCashFlow = line('Cash flow from operations', (r) => r.operatingCashFlow);
export const capitalExpenditure = line('Capital expenditure', (r) => r.capitalExpenditure);
export const totalDividend = line('Total dividend', (r) => r.dividends);

/** Every line, in the order of the statements. */
const lines: readonly Line[] = [
  ...[revenue, costOfRevenue, grossProfit, sellingExpenses, researchExpenses, depreciation],
  ...[operatingIncome, interestExpense, incomeTax, netIncome],
  ...[cash, totalAssets, debt, totalLiabilities, totalEquity],
  ...[operatingCashFlow, capitalExpenditure, totalDividend],
];

export const inStatementOrder = (chosen: readonly Line[]): readonly Line[] =>
  lines.filter((line) => chosen.includes(line));

/** Lines that are not zero in any of the years, as rounded to a million dollars' tenth. */
export const reportedLines = (reports: readonly AnnualReport[]): readonly Line[] =>
  lines.filter(({ of }) => reports.every((report) => Math.abs(of(report)) >= 50));
