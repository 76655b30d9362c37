/**
 * Annual statements of one company. Every figure is an integer: thousands of dollars, thousands of shares, cents per
 * share. Each line is either decided by the company's circumstances or follows from an accounting identity; which
 * identities hold, exactly and every year, is listed and checked in `identities.ts`.
 */
import type { RandomStream } from '../../random/stream.ts';
import { roundedQuotient } from '../grammar/numbers.ts';
import { firstYear, type Macro, type MacroYear } from './macro.ts';
import type { SectorEconomics } from './sector.ts';

interface Segment {
  readonly name: string;
  readonly revenue: number;
}

export interface BalanceSheet {
  readonly cash: number;
  readonly receivables: number;
  readonly inventory: number;
  /** Property, plant and equipment, net. */
  readonly ppe: number;
  readonly totalAssets: number;
  readonly payables: number;
  readonly accruedLiabilities: number;
  /** Due within one year. */
  readonly currentDebt: number;
  readonly longTermDebt: number;
  readonly totalLiabilities: number;
  readonly paidInCapital: number;
  /** An accumulated deficit when negative. */
  readonly retainedEarnings: number;
  readonly totalEquity: number;
}

interface IncomeStatement {
  readonly segments: readonly Segment[];
  readonly revenue: number;
  readonly costOfRevenue: number;
  readonly grossProfit: number;
  /** Selling, general and administrative expenses. */
  readonly sellingExpenses: number;
  readonly researchExpenses: number;
  readonly depreciation: number;
  readonly operatingIncome: number;
  readonly interestExpense: number;
  readonly pretaxIncome: number;
  readonly incomeTax: number;
  readonly netIncome: number;
}

/** Outflows are positive amounts under names that say so. */
interface CashFlowStatement {
  readonly operatingCashFlow: number;
  readonly capitalExpenditure: number;
  readonly debtIssued: number;
  readonly debtRepaid: number;
  readonly sharesIssuedProceeds: number;
  readonly shareRepurchases: number;
  readonly dividends: number;
  readonly investingCashFlow: number;
  readonly financingCashFlow: number;
  readonly changeInCash: number;
}

export interface AnnualReport extends IncomeStatement, CashFlowStatement, BalanceSheet {
  readonly year: number;
  /** The balance sheet a year before. */
  readonly opening: BalanceSheet;
  /** Thousands of shares at the end of the year. */
  readonly shares: number;
  /** Earnings per share in cents, on the shares at the end of the year; negative for a loss. */
  readonly earningsPerShare: number;
  /** Dividends per share in cents. */
  readonly dividendPerShare: number;
  /** Cents, at the end of the year. */
  readonly sharePrice: number;
  readonly employees: number;
}

/** How a company departs from its sector. Rates in basis points. */
export interface Temperament {
  /** Thousands of dollars in the opening year. */
  readonly openingRevenue: number;
  readonly extraGrowth: number;
  readonly extraMargin: number;
  /** Multiplies the sector's leverage, in hundredths. */
  readonly leverage: number;
  readonly paysDividend: boolean;
  readonly segmentNames: readonly string[];
}

const taxRate = 0.25;
const minimumEquity = 0.2;
const targetCash = 0.07;

/** Draws the statements of every year of the macro path after the first, which is the opening balance. */
export function createStatements(
  economics: SectorEconomics,
  temperament: Temperament,
  macro: Macro,
  random: RandomStream,
): AnnualReport[] {
  const opening = openingBalance(economics, temperament);
  let balance = opening.balance;
  let { shares } = opening;
  let segments: readonly Segment[] = openingSegments(temperament, random);
  let marginDrift = 0;
  const reports: AnnualReport[] = [];
  for (const year of macro.years) {
    if (year.year === firstYear) continue;
    marginDrift = 0.7 * marginDrift + 150 * random.normal();
    segments = grow(segments, economics, temperament, year, random);
    const income = incomeStatement(segments, balance, economics, temperament, year, marginDrift, random);
    const report = closeYear(year, income, balance, shares, economics, temperament, random);
    reports.push(report);
    balance = balanceOf(report);
    shares = report.shares;
  }
  return reports;
}

function openingSegments(temperament: Temperament, random: RandomStream): Segment[] {
  const weights = temperament.segmentNames.map((_, i) => (0.6 + random.float()) / (1 + 0.6 * i));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return temperament.segmentNames.map((name, i) => ({
    name,
    revenue: Math.round((temperament.openingRevenue * weights[i]) / total),
  }));
}

function openingBalance(economics: SectorEconomics, temperament: Temperament) {
  const revenue = temperament.openingRevenue;
  const cash = Math.round(revenue * targetCash);
  const receivables = Math.round((revenue * economics.receivableDays) / 365);
  const cost = (revenue * (10_000 - economics.grossMargin)) / 10_000;
  const inventory = Math.round((cost * economics.inventoryDays) / 365);
  const ppe = Math.round((revenue * economics.ppe) / 10_000);
  const totalAssets = cash + receivables + inventory + ppe;
  const payables = Math.round((cost * economics.payableDays) / 365);
  const accruedLiabilities = Math.round(revenue * 0.05);
  const ebitda = (revenue * (economics.grossMargin - economics.selling - economics.research)) / 10_000;
  const wanted = (ebitda * economics.leverage * temperament.leverage) / 10_000;
  const room = totalAssets * (1 - 1.5 * minimumEquity) - payables - accruedLiabilities;
  const debt = Math.round(Math.max(0, Math.min(wanted, room)));
  const currentDebt = Math.round(debt * 0.12);
  const totalEquity = totalAssets - payables - accruedLiabilities - debt;
  const paidInCapital = Math.round(totalEquity * 0.55);
  const balance: BalanceSheet = {
    cash,
    receivables,
    inventory,
    ppe,
    totalAssets,
    payables,
    accruedLiabilities,
    currentDebt,
    longTermDebt: debt - currentDebt,
    totalLiabilities: totalAssets - totalEquity,
    paidInCapital,
    retainedEarnings: totalEquity - paidInCapital,
    totalEquity,
  };
  // About twenty dollars of equity value per share at twice book value.
  return { balance, shares: Math.max(1000, Math.round(totalEquity / 10)) };
}

function grow(
  segments: readonly Segment[],
  economics: SectorEconomics,
  temperament: Temperament,
  year: MacroYear,
  random: RandomStream,
): Segment[] {
  const common =
    economics.growth +
    temperament.extraGrowth +
    economics.beta * (year.growth - 200) +
    economics.passThrough * year.inflation +
    economics.volatility * random.normal();
  return segments.map(({ name, revenue }) => {
    const growth = Math.max(-4500, Math.min(9000, common + 0.6 * economics.volatility * random.normal()));
    return { name, revenue: Math.round(revenue * (1 + growth / 10_000)) };
  });
}

function incomeStatement(
  segments: readonly Segment[],
  opening: BalanceSheet,
  economics: SectorEconomics,
  temperament: Temperament,
  year: MacroYear,
  marginDrift: number,
  random: RandomStream,
): IncomeStatement {
  const revenue = segments.reduce((sum, segment) => sum + segment.revenue, 0);
  const cycle = 0.35 * economics.beta * (year.growth - 200);
  const margin = economics.grossMargin + temperament.extraMargin + marginDrift + cycle + 60 * random.normal();
  const costOfRevenue = Math.round((revenue * (10_000 - Math.max(margin, 300))) / 10_000);
  const grossProfit = revenue - costOfRevenue;
  const sellingExpenses = Math.round((revenue * economics.selling * (1 + 0.04 * random.normal())) / 10_000);
  const researchExpenses = Math.round((revenue * economics.research * (1 + 0.06 * random.normal())) / 10_000);
  const depreciation = Math.round((opening.ppe * economics.depreciation) / 10_000);
  const operatingIncome = grossProfit - sellingExpenses - researchExpenses - depreciation;
  const debt = opening.currentDebt + opening.longTermDebt;
  const spread = 120 + (250 * debt) / Math.max(1, opening.totalAssets);
  const interestExpense = Math.round((debt * (0.5 * year.policyRate + 150 + spread)) / 10_000);
  const pretaxIncome = operatingIncome - interestExpense;
  const incomeTax = Math.round(Math.max(0, pretaxIncome) * taxRate);
  return {
    segments,
    revenue,
    costOfRevenue,
    grossProfit,
    sellingExpenses,
    researchExpenses,
    depreciation,
    operatingIncome,
    interestExpense,
    pretaxIncome,
    incomeTax,
    netIncome: pretaxIncome - incomeTax,
  };
}

/** Invests, pays, borrows or repays, and closes the books. */
function closeYear(
  year: MacroYear,
  income: IncomeStatement,
  opening: BalanceSheet,
  openingShares: number,
  economics: SectorEconomics,
  temperament: Temperament,
  random: RandomStream,
): AnnualReport {
  const { revenue, netIncome, depreciation } = income;
  const days = (base: number, count: number) => Math.round((base * count * (1 + 0.05 * random.normal())) / 365);
  const receivables = days(revenue, economics.receivableDays);
  const inventory = days(income.costOfRevenue, economics.inventoryDays);
  const payables = days(income.costOfRevenue, economics.payableDays);
  const accruedLiabilities = Math.round(revenue * 0.05 * (1 + 0.05 * random.normal()));
  const operatingCashFlow =
    netIncome +
    depreciation -
    (receivables - opening.receivables) -
    (inventory - opening.inventory) +
    (payables - opening.payables) +
    (accruedLiabilities - opening.accruedLiabilities);

  // Investment closes a fifth of the gap to the sector's capital intensity and replaces what wears out.
  const wantedPpe = (revenue * economics.ppe) / 10_000;
  const investment = depreciation + 0.2 * (wantedPpe - opening.ppe) + 0.1 * depreciation * random.normal();
  const capitalExpenditure = Math.round(Math.max(0.3 * depreciation, investment));
  const ppe = opening.ppe + capitalExpenditure - depreciation;

  const payout = (economics.payout / 10_000) * (0.85 + 0.3 * random.float());
  const comfortable = 2.2 * targetCash * revenue;
  const excess = Math.max(0, opening.cash - comfortable);
  const paysDividend = netIncome > 0 && (temperament.paysDividend || excess > 0.15 * revenue);
  // Half of the cash above what is comfortable goes to shareholders, as far as earnings were retained for it.
  const distributable = Math.max(0, opening.retainedEarnings + netIncome);
  const dividends = paysDividend ? Math.round(Math.min(distributable, netIncome * payout + excess / 2)) : 0;
  const debtRepaid = opening.currentDebt;
  const remainingDebt = opening.longTermDebt;
  let cash = opening.cash + operatingCashFlow - capitalExpenditure - dividends - debtRepaid;

  // Borrowing fills the till first, then moves a third of the way towards the usual leverage.
  const ebitda = Math.max(0, income.operatingIncome + depreciation);
  const wantedDebt = (ebitda * economics.leverage * temperament.leverage) / 10_000;
  const shortfall = Math.max(0, revenue * targetCash - cash);
  const releveraging = Math.max(0, (wantedDebt - remainingDebt) / 3);
  const debtIssued = Math.round(Math.max(shortfall, releveraging));
  const debt = remainingDebt + debtIssued;
  cash += debtIssued;

  // Fresh equity when the balance sheet has become too thin; repurchases when cash piles up.
  const assets = cash + receivables + inventory + ppe;
  const equity = assets - payables - accruedLiabilities - debt;
  const sharesIssuedProceeds = Math.ceil(Math.max(0, (minimumEquity * assets - equity) / (1 - minimumEquity)));
  const surplus = cash - comfortable;
  const affordable = Math.max(0, Math.min(surplus, equity - 0.35 * assets, 0.8 * opening.paidInCapital));
  const shareRepurchases = sharesIssuedProceeds > 0 ? 0 : Math.round(0.5 * affordable);
  cash += sharesIssuedProceeds - shareRepurchases;

  const paidInCapital = opening.paidInCapital + sharesIssuedProceeds - shareRepurchases;
  const retainedEarnings = opening.retainedEarnings + netIncome - dividends;
  const sharePrice = price(income, equity, openingShares, year, random);
  const issued = roundedQuotient(sharesIssuedProceeds - shareRepurchases, sharePrice, 100);
  const shares = Math.max(Math.ceil(openingShares / 2), openingShares + issued);
  const currentDebt = Math.round(debt * (0.1 + 0.05 * random.float()));
  const totalAssets = cash + receivables + inventory + ppe;
  const financingCashFlow = debtIssued - debtRepaid + sharesIssuedProceeds - shareRepurchases - dividends;
  // Written out: with a spread in a literal of this size, V8 spends six times as long on a company.
  return {
    segments: income.segments,
    revenue,
    costOfRevenue: income.costOfRevenue,
    grossProfit: income.grossProfit,
    sellingExpenses: income.sellingExpenses,
    researchExpenses: income.researchExpenses,
    depreciation,
    operatingIncome: income.operatingIncome,
    interestExpense: income.interestExpense,
    pretaxIncome: income.pretaxIncome,
    incomeTax: income.incomeTax,
    netIncome,
    year: year.year,
    opening,
    operatingCashFlow,
    capitalExpenditure,
    debtIssued,
    debtRepaid,
    sharesIssuedProceeds,
    shareRepurchases,
    dividends,
    investingCashFlow: -capitalExpenditure,
    financingCashFlow,
    changeInCash: operatingCashFlow - capitalExpenditure + financingCashFlow,
    cash,
    receivables,
    inventory,
    ppe,
    totalAssets,
    payables,
    accruedLiabilities,
    currentDebt,
    longTermDebt: debt - currentDebt,
    totalLiabilities: payables + accruedLiabilities + debt,
    paidInCapital,
    retainedEarnings,
    totalEquity: paidInCapital + retainedEarnings,
    shares,
    earningsPerShare: roundedQuotient(netIncome, shares, 100),
    dividendPerShare: roundedQuotient(dividends, shares, 100),
    sharePrice,
    employees: Math.max(20, roundedQuotient(revenue, economics.revenuePerEmployee)),
  };
}

function balanceOf(report: AnnualReport): BalanceSheet {
  return {
    cash: report.cash,
    receivables: report.receivables,
    inventory: report.inventory,
    ppe: report.ppe,
    totalAssets: report.totalAssets,
    payables: report.payables,
    accruedLiabilities: report.accruedLiabilities,
    currentDebt: report.currentDebt,
    longTermDebt: report.longTermDebt,
    totalLiabilities: report.totalLiabilities,
    paidInCapital: report.paidInCapital,
    retainedEarnings: report.retainedEarnings,
    totalEquity: report.totalEquity,
  };
}

/** Cents per share: a multiple of earnings that falls with the policy rate, never below a part of book value. */
function price(income: IncomeStatement, equity: number, shares: number, year: MacroYear, random: RandomStream): number {
  const multiple = (1900 - 0.9 * year.policyRate) / 100;
  const value = Math.max(multiple * income.netIncome, 0.7 * Math.max(equity, 0.1 * income.revenue));
  return Math.max(50, Math.round((value * 100 * Math.exp(0.15 * random.normal())) / shares));
}
