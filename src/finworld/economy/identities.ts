/**
 * The accounting identities that every report of `statements.ts` obeys. Each is written as two sides computed from
 * different lines, so that changing any line by one thousand dollars breaks at least one of them.
 */
import { roundedQuotient } from '../grammar/numbers.ts';
import type { AnnualReport, BalanceSheet } from './statements.ts';

type Sides = readonly [left: number, right: number];

const identities: { readonly [name: string]: (report: AnnualReport) => Sides } = {
  'segments sum to revenue': (r) => [r.revenue, r.segments.reduce((sum, segment) => sum + segment.revenue, 0)],
  'gross profit = revenue - cost of revenue': (r) => [r.grossProfit, r.revenue - r.costOfRevenue],
  'operating income = gross profit - operating expenses - depreciation': (r) => [
    r.operatingIncome,
    r.grossProfit - r.sellingExpenses - r.researchExpenses - r.depreciation,
  ],
  'pre-tax income = operating income - interest': (r) => [r.pretaxIncome, r.operatingIncome - r.interestExpense],
  'net income = pre-tax income - tax': (r) => [r.netIncome, r.pretaxIncome - r.incomeTax],
  'assets = liabilities + equity': (r) => [r.totalAssets, r.totalLiabilities + r.totalEquity],
  'assets sum': (r) => [r.totalAssets, r.cash + r.receivables + r.inventory + r.ppe],
  'liabilities sum': (r) => [r.totalLiabilities, r.payables + r.accruedLiabilities + debtOf(r)],
  'equity sum': (r) => [r.totalEquity, r.paidInCapital + r.retainedEarnings],
  'retained earnings roll-forward': (r) => [r.retainedEarnings, r.opening.retainedEarnings + r.netIncome - r.dividends],
  'paid-in capital roll-forward': (r) => [
    r.paidInCapital,
    r.opening.paidInCapital + r.sharesIssuedProceeds - r.shareRepurchases,
  ],
  'property, plant and equipment roll-forward': (r) => [r.ppe, r.opening.ppe + r.capitalExpenditure - r.depreciation],
  'debt roll-forward': (r) => [debtOf(r), debtOf(r.opening) + r.debtIssued - r.debtRepaid],
  'maturing debt is repaid': (r) => [r.debtRepaid, r.opening.currentDebt],
  'cash roll-forward': (r) => [r.cash, r.opening.cash + r.changeInCash],
  'cash flows sum': (r) => [r.changeInCash, r.operatingCashFlow + r.investingCashFlow + r.financingCashFlow],
  'operating cash flow = net income + depreciation - growth of working capital': (r) => [
    r.operatingCashFlow,
    r.netIncome + r.depreciation - (workingCapital(r) - workingCapital(r.opening)),
  ],
  'investing cash flow = - capital expenditure': (r) => [r.investingCashFlow, -r.capitalExpenditure],
  'financing cash flow': (r) => [
    r.financingCashFlow,
    r.debtIssued - r.debtRepaid + r.sharesIssuedProceeds - r.shareRepurchases - r.dividends,
  ],
  'earnings per share': (r) => [r.earningsPerShare, roundedQuotient(r.netIncome, r.shares, 100)],
  'dividend per share': (r) => [r.dividendPerShare, roundedQuotient(r.dividends, r.shares, 100)],
};

export const identityNames: readonly string[] = Object.keys(identities);

export function debtOf(balance: BalanceSheet): number {
  return balance.currentDebt + balance.longTermDebt;
}

/** Operating working capital: what customers owe and what is stocked, less what is owed to suppliers and staff. */
export function workingCapital(balance: BalanceSheet): number {
  return balance.receivables + balance.inventory - balance.payables - balance.accruedLiabilities;
}

export interface Violation {
  readonly year: number;
  readonly identity: string;
  readonly left: number;
  readonly right: number;
}

/** What does not hold, over all years, including that each year opens where the last one closed. */
export function violations(reports: readonly AnnualReport[]): Violation[] {
  const found: Violation[] = [];
  reports.forEach((report, i) => {
    for (const [identity, sides] of Object.entries(identities)) {
      const [left, right] = sides(report);
      if (left !== right) found.push({ year: report.year, identity, left, right });
    }
    const previous = reports[i - 1];
    if (previous === undefined) return;
    for (const line of Object.keys(report.opening) as (keyof BalanceSheet)[]) {
      const [left, right] = [report.opening[line], previous[line]];
      if (left !== right) found.push({ year: report.year, identity: `opening ${line}`, left, right });
    }
  });
  return found;
}
