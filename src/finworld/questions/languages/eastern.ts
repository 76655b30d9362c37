/** What questions in Chinese and Japanese need of a language. Words of scale count in ten thousands. */
import type { Figure } from '../figure.ts';
import {
  cash,
  costOfRevenue,
  debt,
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
} from '../lines.ts';
import type { Language, Scale } from '../question.ts';
import type { Wordings } from '../wordings.ts';

export interface EasternScale {
  readonly name: Exclude<Scale, ''>;
  /** As the heading of a table says it, such as 单位：万元. */
  readonly heading: string;
  /** Behind a figure. */
  readonly suffix: string;
  /** Of the amounts of the economy, which are thousands of its money. */
  readonly of: (thousands: number) => Figure;
}

/** Lines that look-ups and single steps are about. */
const named = {
  ...{ revenue, costOfRevenue, grossProfit, operatingIncome, netIncome },
  ...{ cash, totalAssets, debt, totalLiabilities, totalEquity },
};

/** What margins are worked out from beside the cost of revenue. */
const expenses = { sellingExpenses, researchExpenses, depreciation, interestExpense, incomeTax };

export function expensesCalled(names: Readonly<Record<keyof typeof expenses, string>>): ReadonlyMap<Line, string> {
  return new Map(Object.entries(expenses).map(([key, line]) => [line, names[key as keyof typeof expenses]]));
}

export function linesCalled(names: Readonly<Record<keyof typeof named, string>>): ReadonlyMap<Line, string> {
  return new Map(Object.entries(named).map(([key, line]) => [line, names[key as keyof typeof named]]));
}

export const tones = ['negative', 'neutral', 'positive'] as const;
type Tone = (typeof tones)[number];

export interface EasternLanguage {
  readonly language: Exclude<Language, 'en'>;
  readonly lines: ReadonlyMap<Line, string>;
  readonly expenses: ReadonlyMap<Line, string>;
  readonly scales: readonly EasternScale[];
  /** May use <company>, <year> and <line>. */
  readonly lookup: Wordings<string>;
  /** Ratios may use <company>, <year> and <topic>; growth and change <company>, <year>, <before> and <line>. */
  readonly ratio: Wordings<string>;
  readonly growth: Wordings<string>;
  readonly change: Wordings<string>;
  readonly ratios: { readonly grossMargin: string; readonly operatingMargin: string; readonly netMargin: string };
  /** May use <company>, <year>, <rate> and <amount>. */
  readonly news: Readonly<Record<Tone, Wordings<string>>>;
  readonly newsMark: string;
  readonly toneMark: string;
  readonly tones: Readonly<Record<Tone, string>>;
}
