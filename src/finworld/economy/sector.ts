/** What distinguishes one industry from another: its words and its economics. */

export interface Sector {
  /** Stable identifier, such as `food`. */
  readonly id: string;
  /** "the packaged food industry" */
  readonly industry: string;
  /** A countable noun for one company: "food producer". */
  readonly maker: string;
  /** Words that follow the distinctive part of a company's name. */
  readonly designators: readonly string[];
  /** Plural noun phrases. */
  readonly products: readonly string[];
  /** Plural noun phrases. */
  readonly customers: readonly string[];
  /** Names of reporting segments. */
  readonly segments: readonly string[];
  /** What is bought; noun phrases that stand after "the cost of". */
  readonly inputs: readonly string[];
  /** Places of work; plural noun phrases. */
  readonly sites: readonly string[];
  /** Operating measures that analysts follow; plural noun phrases. */
  readonly measures: readonly string[];
  /** What lifts revenue; noun phrases that stand after "helped by". */
  readonly tailwinds: readonly string[];
  /** What depresses revenue; noun phrases that stand after "held back by". */
  readonly headwinds: readonly string[];
  /** What may go wrong: whole clauses. */
  readonly risks: readonly string[];
  /** Where the industry is going: whole clauses in the present tense. */
  readonly trends: readonly string[];
  /** What capital is spent on; noun phrases with their article. */
  readonly projects: readonly string[];
  readonly economics: SectorEconomics;
}

/** Rates are in basis points of revenue unless stated. */
export interface SectorEconomics {
  /** Trend growth in real terms, basis points per year. */
  readonly growth: number;
  /** Growth per point of macroeconomic growth above trend. */
  readonly beta: number;
  /** Share of inflation that reaches selling prices. */
  readonly passThrough: number;
  /** Standard deviation of a company's own yearly growth shock, basis points. */
  readonly volatility: number;
  readonly grossMargin: number;
  readonly selling: number;
  readonly research: number;
  readonly capex: number;
  readonly ppe: number;
  /** Of opening property, plant and equipment. */
  readonly depreciation: number;
  readonly receivableDays: number;
  /** Zero where nothing is stocked. */
  readonly inventoryDays: number;
  readonly payableDays: number;
  /** Debt to operating income before depreciation, in hundredths. */
  readonly leverage: number;
  /** Of net income. */
  readonly payout: number;
  /** Thousands of dollars. */
  readonly revenuePerEmployee: number;
}
