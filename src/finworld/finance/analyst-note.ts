/** Notes of equity analysts: rating, figures, balance sheet, valuation. */
import { debtOf } from '../economy/identities.ts';
import { decimal, roundedQuotient } from '../grammar/numbers.ts';
import { compose } from '../grammar/writer.ts';
import { growthTenths, marginSentence, moved, profitSentence } from './movement.ts';
import { segmentSentence } from './report-sentences.ts';
import type { Scene } from './scene.ts';

export function analystNote(scene: Scene): string {
  const { say, report, previous, style, writer, company } = scene;
  const growth = growthTenths(report.revenue, previous.revenue);
  const profitable = report.netIncome > 0 && report.earningsPerShare > 0;
  const multiple = profitable ? roundedQuotient(report.sharePrice, report.earningsPerShare, 10) : 0;
  const debt = debtOf(report);
  const target = Math.max(5, Math.round((report.sharePrice * writer.between(80, 130)) / 100));
  const upside = roundedQuotient(target - report.sharePrice, report.sharePrice, 1000);
  const rating =
    upside > 100
      ? writer.pick(['Buy', 'Outperform', 'Overweight'])
      : upside < -50
        ? writer.pick(['Sell', 'Underperform', 'Underweight'])
        : writer.pick(['Hold', 'Neutral', 'Market perform']);
  const verdict = [
    say(
      [
        'we rate <company> (<ticker>) <rating> {with|and have} a target price of <target>',
        '<rating>: that is our {view|rating} on <company> (<ticker>), {with a target price of|and our target price is} <target>',
        'our {rating|recommendation} on <company> {is|remains} <rating>; we {set|see} fair value at <target> per share',
      ],
      { rating, target: style.cents(target) },
    ),
    upside === 0
      ? say(['{that equals|this matches} the {last|year-end} price of <price>'], {
          price: style.cents(report.sharePrice),
        })
      : say(
          upside > 0
            ? [
                '{that|this} is <move> above the {last|year-end} price of <price>',
                'against a price of <price>, this {offers|implies} upside of <move>',
              ]
            : [
                '{that|this} is <move> below the {last|year-end} price of <price>',
                'against a price of <price>, this implies downside of <move>',
              ],
          { move: style.percent(Math.abs(upside)), price: style.cents(report.sharePrice) },
        ),
    say([
      'the {case|thesis} rests on <tailwind>{, which we think the market undervalues|}',
      'we {like|value} the exposure to <product>, but <headwind> could {be a concern|weigh on results}',
      'the {central question|debate} is whether <tailwind> can outlast <headwind>',
    ]),
  ];
  const figures = [
    say(['revenue <movement>', 'in <year>, revenue <movement>', '{on the top line|at the top}, revenue <movement>'], {
      movement: () => moved(scene, report.revenue, previous.revenue),
    }),
    marginSentence(
      scene,
      'operating margin',
      [report.operatingIncome, report.revenue],
      [previous.operatingIncome, previous.revenue],
    ),
    profitSentence(scene, 'net income', report.netIncome, previous.netIncome),
    segmentSentence(scene),
  ];
  const balance = [
    debt > 0 && report.operatingIncome + report.depreciation > 0
      ? say(
          [
            'debt of <debt> {compares with|stands against} earnings before interest, tax and depreciation of <ebitda>, {a multiple of|or} <multiple> times',
            'leverage {is|stands at} <multiple> times: debt of <debt> over earnings before interest, tax and depreciation of <ebitda>',
          ],
          {
            debt: style.money(debt),
            ebitda: style.money(report.operatingIncome + report.depreciation),
            multiple: decimal(roundedQuotient(debt, report.operatingIncome + report.depreciation, 10), 1),
          },
        )
      : '',
    report.interestExpense > 0 && report.operatingIncome > 0 && report.operatingIncome < 100 * report.interestExpense
      ? say(
          ['operating income covers interest <cover> times', 'interest cover, at <cover> times, {looks|is} <comfort>'],
          {
            comfort: () =>
              writer.vary(
                report.operatingIncome >= 4 * report.interestExpense ? '{comfortable|solid}' : '{thin|modest}',
              ),
            cover: decimal(roundedQuotient(report.operatingIncome, report.interestExpense, 10), 1),
          },
        )
      : '',
    freeCashFlowSentence(scene),
  ];
  const valuation = [
    profitable
      ? say(
          [
            'at <price>, the shares trade on <multiple> times earnings per share of <eps>',
            "the shares {cost|are priced at} <multiple> times {last year's|<year>} earnings of <eps> per share",
            'dividing the price of <price> by earnings per share of <eps> gives a multiple of <multiple>',
          ],
          {
            price: style.cents(report.sharePrice),
            multiple: decimal(multiple, 1),
            eps: style.cents(report.earningsPerShare),
          },
        )
      : say([
          'with no earnings to value, we look at revenue and cash',
          'the loss rules out a price-earnings multiple, so we value the shares on revenue',
        ]),
    say([
      'among peers, {we prefer|we also follow} <competitor>{, whose exposure to <product> is {smaller|larger}|}',
      '<competitors> {trade|are valued} on {similar|somewhat higher|somewhat lower} multiples',
      'compared with <competitors>, <short> {looks|seems} {better placed against|less exposed to} <headwind>',
    ]),
    say([
      'key risks to our view: <risk>, and <risk>',
      'the main risk {to this view |}is that <risk>',
      'we would change our mind if <headwind> {persisted|became worse}',
    ]),
    say([
      growth > 80
        ? 'growth of this order {is hard to sustain|will be hard to repeat}, and we model a slower pace for <nextYear>'
        : 'we model {a modest change|little change} in revenue for <nextYear>',
      'next, we {look for|want to see} progress on <measure> and <measure>',
      'the industry backdrop is clear: <trend>',
    ]),
  ];
  const title = writer.vary(
    `{${company.shortName}: {after the results|what the figures say|our view|review of ${report.year}}|Equity research: ${company.name}|${company.ticker}, ${report.year} in review|}`,
  );
  return compose([title, verdict, figures, balance, valuation]);
}

function freeCashFlowSentence(scene: Scene): string {
  const { say, report, style } = scene;
  const free = report.operatingCashFlow - report.capitalExpenditure;
  const slots = {
    operating: style.money(Math.abs(report.operatingCashFlow)),
    capex: style.money(report.capitalExpenditure),
    free: style.money(Math.abs(free)),
  };
  if (report.operatingCashFlow <= 0)
    return say(['operations consumed <operating>, before capital expenditure of <capex>'], slots);
  return free >= 0
    ? say(
        [
          'free cash flow {was|came to} <free>: <operating> from operations less capital expenditure of <capex>',
          'after capital expenditure of <capex>, operating cash flow of <operating> left <free> of free cash flow',
        ],
        slots,
      )
    : say(
        [
          'free cash flow was negative by <free>: <operating> from operations less capital expenditure of <capex>',
          'capital expenditure of <capex> exceeded operating cash flow of <operating> by <free>',
        ],
        slots,
      );
}
