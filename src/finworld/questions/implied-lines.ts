/** What a reader can work out of lines that are not shown, by the identities of `economy/identities.ts`. */
import type { AnnualReport } from '../economy/statements.ts';
import {
  costOfRevenue,
  depreciation,
  grossProfit,
  incomeTax,
  interestExpense,
  type Line,
  netIncome,
  operatingIncome,
  researchExpenses,
  revenue,
  sellingExpenses,
  totalAssets,
  totalEquity,
  totalLiabilities,
} from './lines.ts';

/** Lines that add up to nothing with the right signs: any one of them follows from the others. */
const identities: readonly (readonly Line[])[] = [
  [revenue, costOfRevenue, grossProfit],
  [grossProfit, sellingExpenses, researchExpenses, depreciation, operatingIncome],
  [operatingIncome, interestExpense, incomeTax, netIncome],
  [totalAssets, totalLiabilities, totalEquity],
];

/**
 * Whether a line of a report follows from others, if need be by way of lines between them. A line of nothing counts as known:
 * who leaves it out comes to the same figure.
 */
export function isImplied(line: Line, shown: readonly Line[], report: AnnualReport): boolean {
  const known = new Set(shown);
  for (const one of identities.flat()) if (one.of(report) === 0) known.add(one);
  for (let before = -1; known.size !== before; ) {
    before = known.size;
    for (const identity of identities) {
      const unknown = identity.filter((one) => !known.has(one));
      if (unknown.length === 1) known.add(unknown[0]);
    }
  }
  return known.has(line);
}
