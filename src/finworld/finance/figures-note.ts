/** A short table and what one reads off it: lines of the statements, segments, or competitors side by side. */
import { debtOf } from '../economy/identities.ts';
import type { AnnualReport } from '../economy/statements.ts';
import { decimal, grouped, roundedQuotient } from '../grammar/numbers.ts';
import { type FigureTable, readColumns, readLines, writeTable } from '../grammar/text-table.ts';
import { compose } from '../grammar/writer.ts';
import type { Scene } from './scene.ts';

/** Amounts in thousands of dollars for years, the newest first. */
interface Figures {
  readonly title: string;
  readonly years: readonly number[];
  readonly lines: readonly { readonly name: string; readonly values: readonly number[] }[];
}

type StatementLine = readonly [name: string, of: (report: AnnualReport) => number];

const statementLines: readonly StatementLine[] = [
  ['Revenue', (r) => r.revenue],
  ['Cost of revenue', (r) => r.costOfRevenue],
  ['Gross profit', (r) => r.grossProfit],
  ['Selling and administrative expenses', (r) => r.sellingExpenses],
  ['Depreciation', (r) => r.depreciation],
  ['Operating income', (r) => r.operatingIncome],
  ['Interest expense', (r) => r.interestExpense],
  ['Income tax', (r) => r.incomeTax],
  ['Net income', (r) => r.netIncome],
  ['Cash', (r) => r.cash],
  ['Receivables', (r) => r.receivables],
  ['Property, plant and equipment', (r) => r.ppe],
  ['Total assets', (r) => r.totalAssets],
  ['Payables', (r) => r.payables],
  ['Debt', debtOf],
  ['Total liabilities', (r) => r.totalLiabilities],
  ['Total equity', (r) => r.totalEquity],
  ['Cash flow from operations', (r) => r.operatingCashFlow],
  ['Capital expenditure', (r) => r.capitalExpenditure],
  ['Dividends paid', (r) => r.dividends],
];

/** Lines of the company's own statements in two or three years. */
function statements({ writer, company, reports, report }: Scene): Figures {
  const at = reports.indexOf(report);
  const shown = reports.slice(Math.max(0, at - writer.between(1, 2)), at + 1).reverse();
  const chosen = new Set(writer.sample(statementLines, writer.between(4, 5)));
  return {
    title: writer.vary(`{${company.name}|${company.shortName}: selected figures|Key figures of ${company.name}}`),
    years: shown.map(({ year }) => year),
    lines: statementLines
      .filter((line) => chosen.has(line))
      .map(([name, of]) => ({ name, values: shown.map((one) => of(one)) })),
  };
}

/** The company and its competitors, by one line of their statements. */
function peers({ economy, writer, company, report, previous }: Scene): Figures {
  const [title, of] = writer.pick(statementLines);
  const companies = [company, ...writer.sample(economy.competitors(company), writer.between(3, 4))];
  const years = [report.year, previous.year];
  const valuesOf = (one: Scene['company']) =>
    years.map((year) => of(economy.reports(one).find((candidate) => candidate.year === year)!));
  return {
    title,
    years,
    lines: writer.sample(companies, companies.length).map((one) => ({ name: one.shortName, values: valuesOf(one) })),
  };
}

/** Revenue by segment, with its sum. */
function segments({ company, report, previous, writer }: Scene): Figures {
  return {
    title: writer.vary(`{Revenue of ${company.name} by segment|${company.shortName}, revenue by segment}`),
    years: [report.year, previous.year],
    lines: [
      ...report.segments.map(({ name, revenue }, i) => ({ name, values: [revenue, previous.segments[i].revenue] })),
      { name: 'All segments', values: [report.revenue, previous.revenue] },
    ],
  };
}

export function figuresNote(scene: Scene): string {
  const { writer, say } = scene;
  const { title, years, lines } = writer.pick([statements, statements, peers, segments])(scene);
  const largest = Math.max(...lines.flatMap(({ values }) => values.map(Math.abs)));
  const unit = largest >= 1_000_000 ? ('million' as const) : ('thousand' as const);
  const table: FigureTable = {
    columns: years.map((year) => ({ label: String(year), when: `in ${year}` })),
    lines,
    counted: unit,
    write: unit === 'million' ? inMillions : inThousands,
  };
  const corner = writer.vary(
    `{In ${unit}s of dollars|Line|${unit === 'million' ? 'Millions' : 'Thousands'} of dollars}`,
  );
  const [first, ...rest] = readLines(writer, table);
  return compose([
    title,
    writeTable(writer, table, corner),
    [
      say(
        [
          'all amounts {in the table |}are in <unit>s of dollars{, rounded where needed|}',
          '<company> {states|gives} {these amounts|its figures} in <unit>s of dollars',
          'the figures{, in <unit>s of dollars,|} {come from|are those of} the {audited|annual} accounts',
        ],
        { unit },
      ),
      first,
    ],
    rest,
    readColumns(writer, table),
  ]);
}

const inMillions = (thousands: number) => signed(thousands, decimal(roundedQuotient(Math.abs(thousands), 1000, 10), 1));
const inThousands = (thousands: number) => signed(thousands, grouped(Math.abs(thousands)));

/** Losses in parentheses, as accountants write them. */
const signed = (value: number, figure: string) => (value < 0 ? `(${figure})` : figure);
