/** Lines of the statements that questions ask for. */
import { debtOf } from '../economy/identities.ts';
import type { AnnualReport } from '../economy/statements.ts';
import { grouped } from '../grammar/numbers.ts';

export interface Line {
  readonly label: string;
  readonly of: (report: AnnualReport) => number;
}

const line = (label: string, of: Line['of']): Line => ({ label, of });

export const revenue = line('Revenue', (r) => r.revenue);
export const costOfRevenue = line('Cost of revenue', (r) => r.costOfRevenue);
export const grossProfit = line('Gross profit', (r) => r.grossProfit);
export const operatingIncome = line('Operating income', (r) => r.operatingIncome);
export const interestExpense = line('Interest expense', (r) => r.interestExpense);
export const netIncome = line('Net income', (r) => r.netIncome);
export const cash = line('Cash', (r) => r.cash);
export const totalAssets = line('Total assets', (r) => r.totalAssets);
export const totalLiabilities = line('Total liabilities', (r) => r.totalLiabilities);
export const totalEquity = line('Total equity', (r) => r.totalEquity);
export const debt = line('Debt', debtOf);
export const operatingCashFlow = line('Cash flow from operations', (r) => r.operatingCashFlow);
export const capitalExpenditure = line('Capital expenditure', (r) => r.capitalExpenditure);
export const dividends = line('Dividends paid', (r) => r.dividends);

/** Every line, in the order of the statements. */
export const lines: readonly Line[] = [
  ...[revenue, costOfRevenue, grossProfit, operatingIncome, interestExpense, netIncome],
  ...[cash, totalAssets, debt, totalLiabilities, totalEquity],
  ...[operatingCashFlow, capitalExpenditure, dividends],
];

/** Thousands; negative amounts in parentheses, as accountants write them. */
export function figure(thousands: number): string {
  return thousands < 0 ? `(${grouped(-thousands)})` : grouped(thousands);
}

/** The lines of two years as a table of plain text, in the order of the statements. */
export function table(chosen: readonly Line[], report: AnnualReport, previous: AnnualReport): string {
  const rows = lines.filter((one) => chosen.includes(one));
  return [
    ['Thousands of dollars', String(report.year), String(previous.year)],
    ...rows.map(({ label, of }) => [label, figure(of(report)), figure(of(previous))]),
  ]
    .map((row) => row.join(' | '))
    .join('\n');
}
