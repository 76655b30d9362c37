import { describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.ts';
import { createEconomy, sectors } from './economy.ts';
import { debtOf, identityNames, violations } from './identities.ts';
import { quartersOf } from './quarters.ts';
import type { AnnualReport, BalanceSheet } from './statements.ts';

const economy = createEconomy({ seed: 11, companies: 600 });
const histories = economy.companies.map((company) => economy.reports(company));

describe('statements', () => {
  it('obey every accounting identity, exactly, in 600 companies and 13 years', () => {
    expect(identityNames.length).toBeGreaterThanOrEqual(20);
    expect(histories.every((reports) => reports.length === 13)).toBe(true);
    expect(histories.flatMap(violations)).toEqual([]);
  });

  it('are integers throughout', () => {
    for (const report of histories.flat()) {
      for (const [line, value] of Object.entries(report)) {
        if (typeof value === 'number' && !Number.isSafeInteger(value)) expect.fail(`${line} = ${value}`);
      }
    }
  });

  it('are caught when any line is off by one thousand dollars', () => {
    const reports = histories[0];
    const free = new Set(['year', 'sharePrice', 'employees', 'opening', 'segments']);
    const lines = (Object.keys(reports[5]) as (keyof AnnualReport)[]).filter((line) => !free.has(line));
    expect(lines.length).toBeGreaterThan(35);
    for (const line of lines) {
      const forged = reports.map((report, i) =>
        i === 5 ? { ...report, [line]: Number(report[line]) + (line === 'shares' ? 100_000 : 1) } : report,
      );
      expect(violations(forged), line).not.toEqual([]);
    }
    const [segment, ...others] = reports[5].segments;
    const segments = [{ ...segment, revenue: segment.revenue + 1 }, ...others];
    expect(violations(reports.map((report, i) => (i === 5 ? { ...report, segments } : report)))).not.toEqual([]);
    for (const line of Object.keys(reports[5].opening) as (keyof BalanceSheet)[]) {
      const opening = { ...reports[5].opening, [line]: reports[5].opening[line] + 1 };
      expect(violations(reports.map((report, i) => (i === 5 ? { ...report, opening } : report))), line).not.toEqual([]);
    }
  });

  it('stay plausible: positive equity and cash, some losses, leverage and margins by sector', () => {
    const all = histories.flat();
    expect(all.every((report) => report.totalEquity > 0 && report.cash > 0 && report.ppe > 0)).toBe(true);
    const losses = all.filter((report) => report.netIncome < 0).length / all.length;
    expect(losses).toBeGreaterThan(0.01);
    expect(losses).toBeLessThan(0.15);
    const median = (id: string, value: (report: AnnualReport) => number) => {
      const values = economy.companies
        .flatMap((company, i) => (company.sector.id === id ? histories[i].map(value) : []))
        .sort((a, b) => a - b);
      return values[values.length >> 1];
    };
    const grossMargin = (report: AnnualReport) => report.grossProfit / report.revenue;
    const leverage = (report: AnnualReport) => debtOf(report) / report.totalAssets;
    expect(median('software', grossMargin)).toBeGreaterThan(2 * median('grocery', grossMargin));
    expect(median('utilities', leverage)).toBeGreaterThan(1.5 * median('software', leverage));
  });

  it('follow the cycle: cyclical sectors gain more than utilities when the economy does well', () => {
    const years = economy.macro.years.slice(2);
    const best = years.reduce((a, b) => (b.growth > a.growth ? b : a)).year;
    const worst = years.reduce((a, b) => (b.growth < a.growth ? b : a)).year;
    const growthIn = (id: string, year: number) => {
      const rates = economy.companies.flatMap((company, i) => {
        const at = histories[i].findIndex((report) => report.year === year);
        return company.sector.id === id && at > 0 ? [histories[i][at].revenue / histories[i][at - 1].revenue - 1] : [];
      });
      return rates.reduce((a, b) => a + b, 0) / rates.length;
    };
    const swing = (id: string) => growthIn(id, best) - growthIn(id, worst);
    expect(swing('semiconductors')).toBeGreaterThan(swing('utilities') + 0.03);
  });

  it('split into quarters that add up', () => {
    for (const [i, company] of economy.companies.slice(0, 100).entries()) {
      for (const report of histories[i]) {
        const quarters = quartersOf(economy, company, report);
        expect(quarters.reduce((sum, { revenue }) => sum + revenue, 0)).toBe(report.revenue);
        expect(quarters.reduce((sum, { netIncome }) => sum + netIncome, 0)).toBe(report.netIncome);
        expect(quarters.every(({ revenue }) => revenue > 0)).toBe(true);
      }
    }
  });
});

describe('economy', () => {
  it('has unique names and tickers, twenty sectors, both splits in each', () => {
    const { companies } = economy;
    expect(new Set(companies.map(({ shortName }) => shortName)).size).toBe(companies.length);
    expect(new Set(companies.map(({ ticker }) => ticker)).size).toBe(companies.length);
    expect(sectors.length).toBeGreaterThanOrEqual(12);
    expect(new Set(sectors.map(({ id }) => id)).size).toBe(sectors.length);
    expect(economy.bySplit.train.length + economy.bySplit.heldout.length).toBe(companies.length);
    const share = economy.bySplit.heldout.length / companies.length;
    expect(share).toBeGreaterThan(0.08);
    expect(share).toBeLessThan(0.18);
  });

  it('keeps competitors in the sector and everybody in the split', () => {
    for (const company of economy.companies) {
      const competitors = economy.competitors(company);
      expect(competitors.every((other) => other !== company && other.sector === company.sector)).toBe(true);
      expect([...competitors, ...economy.suppliers(company)].every((other) => other.split === company.split)).toBe(
        true,
      );
    }
  });

  it('has a supplier of another sector for everybody', () => {
    const large = createEconomy({ seed: 2 });
    for (const company of large.companies) {
      const others = large.suppliers(company);
      expect(others.length).toBeGreaterThan(0);
      expect(others.every(({ sector }) => sector !== company.sector)).toBe(true);
    }
  });

  it('is a function of its seed', () => {
    const again = createEconomy({ seed: 11, companies: 600 });
    expect(again.companies[77]).toEqual(economy.companies[77]);
    expect(again.reports(again.companies[77])).toEqual(histories[77]);
    expect(again.macro).toEqual(economy.macro);
    expect(createEconomy({ seed: 12, companies: 600 }).companies[77].name).not.toBe(economy.companies[77].name);
  });

  it('sets rates in steps of a quarter point that explain the level', () => {
    economy.macro.quarters.forEach(({ move, policyRate }, i, quarters) => {
      expect(Number.isInteger(move / 25)).toBe(true);
      if (i > 0) expect(policyRate - quarters[i - 1].policyRate).toBe(move);
      expect(policyRate).toBeGreaterThanOrEqual(25);
    });
    expect(new Set(economy.macro.quarters.map(({ move }) => Math.sign(move))).size).toBe(3);
  });

  it.each([0, 99, 10_001, 1.5, Number.NaN])('refuses %d companies', (companies) => {
    expect(() => createEconomy({ seed: 1, companies })).toThrow(UsageError);
  });
});
