/** A fiscal year cut into quarters that add up to it exactly. */
import { stream } from '../../random/stream.ts';
import type { Company, Economy } from './economy.ts';
import type { AnnualReport } from './statements.ts';

export interface QuarterResult {
  /** 1 to 4. */
  readonly quarter: number;
  readonly revenue: number;
  readonly netIncome: number;
}

/** Four quarters whose revenue and net income sum to the report's. The season of a company is the same every year. */
export function quartersOf(economy: Economy, company: Company, report: AnnualReport): QuarterResult[] {
  const season = stream(economy.seed, 'finworld', 'season', company.index);
  const noise = stream(economy.seed, 'finworld', 'quarters', company.index, report.year);
  const weights = [0.22, 0.24, 0.25, 0.29].map(
    (base) => (base + 0.03 * season.float()) * (0.99 + 0.02 * noise.float()),
  );
  const revenue = divide(report.revenue, weights);
  const netIncome = divide(
    report.netIncome,
    weights.map((weight) => weight * (0.9 + 0.2 * noise.float())),
  );
  return revenue.map((amount, i) => ({ quarter: i + 1, revenue: amount, netIncome: netIncome[i] }));
}

/** Integers in proportion to the weights that sum to `total`; the last takes what rounding leaves. */
function divide(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  const parts = weights.map((weight) => Math.round((total * weight) / sum));
  parts[parts.length - 1] += total - parts.reduce((a, b) => a + b, 0);
  return parts;
}
