/** Calculations of one step with lines of a statement. */
import type { AnnualReport } from '../economy/statements.ts';
import { decimal, roundedQuotient } from '../grammar/numbers.ts';
import {
  capitalExpenditure,
  cash,
  costOfRevenue,
  debt,
  dividends,
  figure,
  grossProfit,
  interestExpense,
  type Line,
  netIncome,
  operatingCashFlow,
  operatingIncome,
  revenue,
  totalAssets,
  totalEquity,
  totalLiabilities,
} from './lines.ts';

interface Figure {
  readonly text: string;
  readonly steps: string;
}

export interface Calculation {
  readonly topic: string;
  /** What it is over, where it needs more than a year; '' otherwise. */
  readonly over: string;
  /** How the answer is to be written. */
  readonly form: string;
  readonly unit: '' | '%' | 'x';
  readonly scale: '' | 'thousand';
  readonly needs: readonly Line[];
  /** Lines that would give the answer away. */
  readonly hides: readonly Line[];
  /** Undefined where the calculation has no meaning for these statements. */
  readonly compute: (report: AnnualReport, previous: AnnualReport) => Figure | undefined;
}

const PERCENT = 'in percent to one decimal';
const MULTIPLE = 'as a multiple to two decimals';
const MONEY = 'in thousands of dollars';
const OVER_YEAR = ' over the year before';

/** A line as a share of another, in percent with one decimal. */
function share(topic: string, part: Line, whole: Line): Calculation {
  const compute = (report: AnnualReport): Figure | undefined => {
    const [a, b] = [part.of(report), whole.of(report)];
    if (b <= 0) return undefined;
    const text = decimal(roundedQuotient(a, b, 1000), 1);
    return { text, steps: `${figure(a)} / ${figure(b)} = ${text}%` };
  };
  return { topic, over: '', form: PERCENT, unit: '%', scale: '', needs: [part, whole], hides: [], compute };
}

/** A line as a multiple of another, with two decimals. */
function multiple(topic: string, part: Line, whole: Line): Calculation {
  const compute = (report: AnnualReport): Figure | undefined => {
    const [a, b] = [part.of(report), whole.of(report)];
    if (b <= 0) return undefined;
    const text = decimal(roundedQuotient(a, b, 100), 2);
    return { text, steps: `${figure(a)} / ${figure(b)} = ${text}` };
  };
  return { topic, over: '', form: MULTIPLE, unit: 'x', scale: '', needs: [part, whole], hides: [], compute };
}

/** A line less another, in thousands of dollars. */
function difference(topic: string, from: Line, less: Line, hides: readonly Line[]): Calculation {
  const compute = (report: AnnualReport): Figure => {
    const [a, b] = [from.of(report), less.of(report)];
    return { text: figure(a - b), steps: `${figure(a)} - ${figure(b)} = ${figure(a - b)}` };
  };
  return { topic, over: '', form: MONEY, unit: '', scale: 'thousand', needs: [from, less], hides, compute };
}

/** A line compared with the year before, in percent with one decimal. */
function growth(topic: string, of: Line): Calculation {
  const compute = (report: AnnualReport, previous: AnnualReport): Figure | undefined => {
    const [a, b] = [of.of(report), of.of(previous)];
    if (b <= 0) return undefined;
    const text = decimal(roundedQuotient(a - b, b, 1000), 1);
    return { text, steps: `(${figure(a)} - ${figure(b)}) / ${figure(b)} = ${text}%` };
  };
  return { topic, over: OVER_YEAR, form: PERCENT, unit: '%', scale: '', needs: [of], hides: [], compute };
}

/** A line less the same line a year before, in thousands of dollars. */
function change(topic: string, of: Line): Calculation {
  const compute = (report: AnnualReport, previous: AnnualReport): Figure => {
    const [a, b] = [of.of(report), of.of(previous)];
    return { text: figure(a - b), steps: `${figure(a)} - ${figure(b)} = ${figure(a - b)}` };
  };
  return { topic, over: OVER_YEAR, form: MONEY, unit: '', scale: 'thousand', needs: [of], hides: [], compute };
}

export const calculations: readonly Calculation[] = [
  growth('revenue growth', revenue),
  growth('growth of total assets', totalAssets),
  change('change in cash', cash),
  change('change in debt', debt),
  share('gross margin', grossProfit, revenue),
  share('operating margin', operatingIncome, revenue),
  share('net margin', netIncome, revenue),
  share('dividend payout ratio', dividends, netIncome),
  multiple('ratio of debt to equity', debt, totalEquity),
  multiple('interest coverage by operating income', operatingIncome, interestExpense),
  difference('gross profit', revenue, costOfRevenue, [grossProfit]),
  difference('total equity', totalAssets, totalLiabilities, [totalEquity]),
  difference('free cash flow', operatingCashFlow, capitalExpenditure, []),
];
