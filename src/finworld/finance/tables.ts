/** Plain-text statements with a sentence or two around them; the columns are exact thousands of dollars. */
import { debtOf } from '../economy/identities.ts';
import { decimal, grouped } from '../grammar/numbers.ts';
import { textTable } from '../grammar/text-table.ts';
import { compose } from '../grammar/writer.ts';
import { marginSentence, moved, profitSentence } from './movement.ts';
import type { Scene } from './scene.ts';

type Row = readonly [label: string, current: number, previous: number];

/** Thousands; losses and outflows in parentheses, as accountants write them. */
function figure(value: number): string {
  return value < 0 ? `(${grouped(-value)})` : grouped(value);
}

function table(scene: Scene, rows: readonly Row[]): string {
  const { report, previous, writer } = scene;
  const header = [writer.pick(['Year', 'Thousands of dollars', 'Line']), String(report.year), String(previous.year)];
  const separator = writer.pick([' | ', ' | ', '\t']);
  return textTable([header, ...rows.map(([label, a, b]) => [label, figure(a), figure(b)])], separator);
}

export function statementTables(scene: Scene): string {
  const { say, report: r, previous: p, writer } = scene;
  const income: readonly Row[] = [
    ['Revenue', r.revenue, p.revenue],
    ['Cost of revenue', r.costOfRevenue, p.costOfRevenue],
    ['Gross profit', r.grossProfit, p.grossProfit],
    ['Selling and administrative expenses', r.sellingExpenses, p.sellingExpenses],
    ...(r.researchExpenses > 0 ? [['Research and development', r.researchExpenses, p.researchExpenses] as const] : []),
    ['Depreciation', r.depreciation, p.depreciation],
    ['Operating income', r.operatingIncome, p.operatingIncome],
    ['Interest expense', r.interestExpense, p.interestExpense],
    ['Pre-tax income', r.pretaxIncome, p.pretaxIncome],
    ['Income tax', r.incomeTax, p.incomeTax],
    ['Net income', r.netIncome, p.netIncome],
  ];
  const balance: readonly Row[] = [
    ['Cash', r.cash, p.cash],
    ['Receivables', r.receivables, p.receivables],
    ...(r.inventory > 0 ? [['Inventories', r.inventory, p.inventory] as const] : []),
    ['Property, plant and equipment', r.ppe, p.ppe],
    ['Total assets', r.totalAssets, p.totalAssets],
    ['Payables', r.payables, p.payables],
    ['Accrued liabilities', r.accruedLiabilities, p.accruedLiabilities],
    ['Debt', debtOf(r), debtOf(p)],
    ['Total liabilities', r.totalLiabilities, p.totalLiabilities],
    ['Paid-in capital', r.paidInCapital, p.paidInCapital],
    ['Retained earnings', r.retainedEarnings, p.retainedEarnings],
    ['Total equity', r.totalEquity, p.totalEquity],
  ];
  const cashFlow: readonly Row[] = [
    ['Cash flow from operations', r.operatingCashFlow, p.operatingCashFlow],
    ['Capital expenditure', -r.capitalExpenditure, -p.capitalExpenditure],
    ['New debt', r.debtIssued, p.debtIssued],
    ['Debt repaid', -r.debtRepaid, -p.debtRepaid],
    ['Shares issued', r.sharesIssuedProceeds, p.sharesIssuedProceeds],
    ['Shares bought back', -r.shareRepurchases, -p.shareRepurchases],
    ['Dividends paid', -r.dividends, -p.dividends],
    ['Change in cash', r.changeInCash, p.changeInCash],
    ['Cash at start of year', r.opening.cash, p.opening.cash],
    ['Cash at end of year', r.cash, p.cash],
  ];
  const segments: readonly Row[] = [
    ...r.segments.map((segment, i): Row => [segment.name, segment.revenue, p.segments[i].revenue]),
    ['Total revenue', r.revenue, p.revenue],
  ];
  const parts = writer.sample(
    [
      [
        say([
          'the income statement of <company> follows',
          '{income statement|statement of income} of <company>, in thousands of dollars:',
          'this is how <company> {arrived at|earned} its result:',
        ]),
        table(scene, income),
        profitSentence(scene, 'net income', r.netIncome, p.netIncome),
      ],
      [
        say([
          'the balance sheet of <company> at year end, in thousands of dollars:',
          'assets, liabilities and equity of <company> {were as follows|stood as follows}:',
        ]),
        table(scene, balance),
        balanceSentence(scene),
      ],
      [
        say([
          'cash flows of <company>, in thousands of dollars:',
          'the movement of cash at <company> {was as follows|can be seen here}:',
        ]),
        table(scene, cashFlow),
        say(
          [
            'cash {ended the year at|came to} <cash>, {after|against} <before> twelve months earlier',
            'the change of cash added to the opening balance gives <cash>',
          ],
          { cash: scene.style.money(r.cash), before: scene.style.money(r.opening.cash) },
        ),
      ],
      [
        say([
          'revenue of <company> by segment, in thousands of dollars:',
          'the segments of <company> {contributed as follows|had the following revenue}:',
        ]),
        table(scene, segments),
        say(['total revenue <movement>', 'revenue, the sum of the segments, <movement>'], {
          movement: () => moved(scene, r.revenue, p.revenue),
        }),
      ],
    ],
    2,
  );
  return compose([
    writer.vary(
      `{Selected financial data|Financial statements ${r.year}|${scene.company.name} (${scene.company.ticker})|Summary of the accounts|}`,
    ),
    ...parts.flat(),
    [
      marginSentence(scene, 'operating margin', [r.operatingIncome, r.revenue], [p.operatingIncome, p.revenue]),
      say(
        [
          '{there were|the company had} <shares> million shares outstanding at the end of <year>',
          'the number of shares outstanding was <shares> million',
        ],
        { shares: decimal(Math.round(r.shares / 100), 1) },
      ),
      say([
        '<company>, {a <maker> based in <hq>|based in <hq>}, {closes its books|ends its fiscal year} on 31 December',
        'the accounts were {approved|signed} by <ceo> and <cfo>',
        'the figures are {taken from|part of} the audited accounts of the <maker>',
      ]),
    ],
  ]);
}

function balanceSentence(scene: Scene): string {
  const { say, report, style } = scene;
  return say(
    [
      'total assets of <assets> equal liabilities of <liabilities> plus equity of <equity>',
      'liabilities of <liabilities> and equity of <equity> add up to total assets of <assets>',
      'subtracting liabilities of <liabilities> from assets of <assets> leaves equity of <equity>',
    ],
    {
      assets: style.money(report.totalAssets),
      liabilities: style.money(report.totalLiabilities),
      equity: style.money(report.totalEquity),
    },
  );
}
