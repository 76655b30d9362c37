/**
 * The economy that every company shares: growth, inflation, unemployment and the policy rate of an invented central
 * bank, by quarter. Output follows a mean-reverting cycle, inflation follows output with a lag, and the bank follows a
 * Taylor rule with inertia, moving in steps of 25 basis points. All rates are integers in basis points.
 */
import { stream } from '../../random/stream.ts';

export const firstYear = 2010;
const lastYear = 2023;

export interface MacroQuarter {
  readonly year: number;
  /** 1 to 4. */
  readonly quarter: number;
  /** Real growth against the same quarter a year before. */
  readonly growth: number;
  /** Consumer prices against the same quarter a year before. */
  readonly inflation: number;
  readonly unemployment: number;
  readonly policyRate: number;
  /** Decided at this quarter's meeting: a multiple of 25. */
  readonly move: number;
}

export interface MacroYear {
  readonly year: number;
  readonly growth: number;
  readonly inflation: number;
  readonly unemployment: number;
  /** At the end of the year. */
  readonly policyRate: number;
}

export interface Macro {
  readonly country: string;
  readonly bank: string;
  readonly governor: string;
  readonly inflationTarget: number;
  readonly quarters: readonly MacroQuarter[];
  readonly years: readonly MacroYear[];
}

const countries = ['Estmark', 'Tavaria', 'Norvane', 'Caldoria', 'Westhaven', 'Arlend', 'Montrava', 'Suland'];
const governors = ['Helene Marwick', 'Tobias Ackland', 'Ingrid Vosper', 'Laurence Pell', 'Amara Dunstan', 'Felix Orme'];

const inflationTarget = 200;
const trendGrowth = 200;
const neutralRate = 250;

export function createMacro(seed: number): Macro {
  const random = stream(seed, 'finworld', 'macro');
  const country = countries[random.below(countries.length)];
  const governor = governors[random.below(governors.length)];
  const quarters: MacroQuarter[] = [];
  let gap = 0;
  let pressure = 0;
  let inflation: number = inflationTarget;
  let unemployment = 550;
  let policyRate = neutralRate;
  for (let year = firstYear; year <= lastYear; year++) {
    for (let quarter = 1; quarter <= 4; quarter++) {
      // A second-order cycle of about seven years, with shocks to demand and to prices.
      const tightness = policyRate - neutralRate - (inflation - inflationTarget);
      const momentum = 0.75 * pressure - 0.06 * gap - 0.03 * tightness + 45 * random.normal();
      pressure = momentum;
      gap += momentum;
      inflation += 0.08 * gap - 0.22 * (inflation - inflationTarget) + 28 * random.normal();
      unemployment += -0.12 * momentum - 0.08 * (unemployment - 550 + 0.4 * gap);
      const taylor = neutralRate + (inflation - inflationTarget) * 1.5 + 0.35 * gap;
      const wanted = Math.min(Math.max(0.7 * policyRate + 0.3 * taylor, 25), 1200);
      const steps = Math.max(-3, Math.min(3, Math.round((wanted - policyRate) / 25)));
      const move = steps === 0 ? 0 : 25 * steps;
      policyRate += move;
      quarters.push({
        year,
        quarter,
        growth: tenths(trendGrowth + 0.8 * gap),
        inflation: tenths(Math.max(inflation, -50)),
        unemployment: tenths(Math.max(unemployment, 200)),
        policyRate,
        move,
      });
    }
  }
  return { country, bank: `Central Bank of ${country}`, governor, inflationTarget, quarters, years: annual(quarters) };
}

/** Statistics are published in tenths of a percent. */
function tenths(basisPoints: number): number {
  return 10 * Math.round(basisPoints / 10);
}

function annual(quarters: readonly MacroQuarter[]): MacroYear[] {
  const years: MacroYear[] = [];
  for (let i = 0; i < quarters.length; i += 4) {
    const group = quarters.slice(i, i + 4);
    const mean = (key: 'growth' | 'inflation' | 'unemployment') =>
      tenths(group.reduce((sum, quarter) => sum + quarter[key], 0) / 4);
    years.push({
      year: group[0].year,
      growth: mean('growth'),
      inflation: mean('inflation'),
      unemployment: mean('unemployment'),
      policyRate: group[3].policyRate,
    });
  }
  return years;
}
