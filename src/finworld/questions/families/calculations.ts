/** Calculations of one step with lines of a statement. */
import type { AnnualReport } from '../../economy/statements.ts';
import type { ShownStatements } from '../documents/statement-table.ts';
import { type Figure, figureOf, moneyAnswer, operand, ratioAnswer, rounded } from '../figure.ts';
import {
  capitalExpenditure,
  cash,
  costOfRevenue,
  debt,
  grossProfit,
  interestExpense,
  type Line,
  netIncome,
  operatingCashFlow,
  operatingIncome,
  revenue,
  totalAssets,
  totalDividend,
  totalEquity,
  totalLiabilities,
} from '../lines.ts';
import type { Answer } from '../question.ts';
import { type Step, step } from '../step.ts';
import type { Wordings } from '../wordings.ts';

interface Worked {
  readonly step: Step;
  readonly answer: Answer;
}

export interface Calculation {
  readonly topic: string;
  /** May use <topic>, <line>, <company>, <year> and <before>. */
  readonly wordings: Wordings<string>;
  /** What `<line>` becomes. */
  readonly line: string;
  readonly needs: readonly Line[];
  /** Lines that would give the answer away. */
  readonly hides: readonly Line[];
  /** Undefined where the calculation has no meaning for these statements. */
  readonly work: (statements: ShownStatements, report: AnnualReport, previous: AnnualReport) => Worked | undefined;
}

const ofTopic = {
  common: [
    'What was the <topic> of <company> in <year>?',
    'In <year>, what was the <topic> of <company>?',
    'Work out the <topic> of <company> for <year>.',
  ],
  heldout: ['How high was the <topic> of <company> in <year>?', 'Please compute the <year> <topic> of <company>.'],
} as const;

const ofGrowth = {
  common: [
    'By how many percent did <line> of <company> change from <before> to <year>?',
    'What was the growth of <line> of <company> in <year>?',
    'How fast did <line> of <company> grow in <year>, in percent?',
  ],
  heldout: [
    'From <before> to <year>, what was the percentage change of <line> of <company>?',
    'What growth rate did <company> show for <line> in <year>?',
  ],
} as const;

const ofChange = {
  common: [
    'By how much did <line> of <company> change from <before> to <year>?',
    'What was the change in <line> of <company> in <year>?',
    'How much more <line> did <company> have in <year> than in <before>?',
  ],
  heldout: [
    'How many dollars of <line> did <company> add from <before> to <year>?',
    'What is the difference between <line> of <company> in <year> and in <before>?',
  ],
} as const;

/** A line as a share of another, in percent with one decimal. */
function share(topic: string, part: Line, whole: Line): Calculation {
  return {
    ...{ topic, wordings: ofTopic, line: topic, needs: [part, whole], hides: [] },
    work: ({ figure }, report) => {
      const [a, b] = [figure(part, report), figure(whole, report)];
      return b.units <= 0 ? undefined : percentage(`${operand(a)} / ${operand(b)} * 100`);
    },
  };
}

/** A line as a multiple of another, with two decimals. */
function multiple(topic: string, part: Line, whole: Line): Calculation {
  return {
    ...{ topic, wordings: ofTopic, line: topic, needs: [part, whole], hides: [] },
    work: ({ figure }, report) => {
      const [a, b] = [figure(part, report), figure(whole, report)];
      if (b.units <= 0) return undefined;
      const worked = step(rounded(`${operand(a)} / ${operand(b)}`, 2));
      return { step: worked, answer: ratioAnswer(figureOf(worked.result, 2), 'x') };
    },
  };
}

/** A line and another, added or taken away. */
function sumOrDifference(topic: string, [a, sign, b]: readonly [Line, '+' | '-', Line], hides: Line[]): Calculation {
  return {
    ...{ topic, wordings: ofTopic, line: topic, needs: [a, b], hides },
    work: (table, report) => amount(table, table.figure(a, report), sign, table.figure(b, report)),
  };
}

/** A line compared with the year before, in percent with one decimal. */
function growth(of: Line): Calculation {
  return {
    ...{ topic: `growth of ${of.name}`, wordings: ofGrowth, line: of.name, needs: [of], hides: [] },
    work: ({ figure }, report, previous) => {
      const [a, b] = [figure(of, report), figure(of, previous)];
      return b.units <= 0 ? undefined : percentage(`(${operand(a)} / ${operand(b)} - 1) * 100`);
    },
  };
}

/** A line less the same line a year before. */
function change(of: Line): Calculation {
  return {
    ...{ topic: `change in ${of.name}`, wordings: ofChange, line: of.name, needs: [of], hides: [] },
    work: (table, report, previous) => {
      const [a, b] = [table.figure(of, report), table.figure(of, previous)];
      return a.units === b.units ? undefined : amount(table, a, '-', b);
    },
  };
}

function percentage(expression: string): Worked {
  const worked = step(rounded(expression, 1));
  return { step: worked, answer: ratioAnswer(figureOf(worked.result, 1), '%') };
}

function amount({ scale }: ShownStatements, a: Figure, sign: '+' | '-', b: Figure): Worked {
  const worked = step(`${operand(a)} ${sign} ${operand(b)}`);
  return { step: worked, answer: moneyAnswer(figureOf(worked.result, a.decimals), scale.name) };
}

export const calculations: readonly Calculation[] = [
  growth(revenue),
  growth(totalAssets),
  change(cash),
  change(debt),
  share('gross margin', grossProfit, revenue),
  share('operating margin', operatingIncome, revenue),
  share('net margin', netIncome, revenue),
  share('dividend payout ratio', totalDividend, netIncome),
  multiple('ratio of debt to equity', debt, totalEquity),
  multiple('interest coverage by operating income', operatingIncome, interestExpense),
  sumOrDifference('gross profit', [revenue, '-', costOfRevenue], [grossProfit]),
  sumOrDifference('total equity', [totalAssets, '-', totalLiabilities], [totalEquity]),
  sumOrDifference('free cash flow', [operatingCashFlow, '-', capitalExpenditure], []),
  sumOrDifference('sum of liabilities and equity', [totalLiabilities, '+', totalEquity], [totalAssets]),
];
