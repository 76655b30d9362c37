/** Management discussion of an annual report: from revenue down to earnings per share. */
import { compose } from '../grammar/writer.ts';
import { heading } from './heading.ts';
import { marginSentence, moved, profitSentence, shareTenths } from './movement.ts';
import { perShareSentence, segmentSentence } from './report-sentences.ts';
import type { Scene } from './scene.ts';

export function managementDiscussion(scene: Scene): string {
  const { say, report, previous, style, writer } = scene;
  const up = report.revenue >= previous.revenue;
  const revenue = [
    say(
      [
        'revenue at <company> <movement>',
        'in <year>, the revenue of <company> <movement>',
        '<company> closed <year> with {a clear change in|another set of} results: revenue <movement>',
        'for <company>, <year> was a year {in which|when} revenue <movement>',
      ],
      { movement: () => moved(scene, report.revenue, previous.revenue) },
    ),
    up
      ? say([
          'the {increase|improvement|growth} was {mainly |chiefly |largely |}due to <tailwind> and <tailwind>',
          'growth came {above all |chiefly |mostly |}from <tailwind>{, although <headwind> held back part of the business|}',
          '<tailwind> {more than offset <headwind>|lifted demand for <product>|supported demand from <customer>}',
          '{management attributes the increase to|the main reasons were} <tailwind> and, {to a lesser extent|in smaller measure}, <tailwind>',
        ])
      : say([
          'the {decrease|decline|reduction} was {mainly |chiefly |largely |}due to <headwind> and <headwind>',
          'the decline reflected <headwind>{, which <tailwind> could not offset|}',
          '<headwind> {outweighed <tailwind>|reduced demand for <product>|cut into orders from <customer>}',
          '{management attributes the decrease to|the main reasons were} <headwind> and, {to a lesser extent|in smaller measure}, <headwind>',
        ]),
    segmentSentence(scene),
  ];
  const costs = [
    say(
      [
        'cost of revenue <movement>, {as the price of <input> changed|in line with activity and the cost of <input>|with <inputs> as the largest items}',
        'with <inputs> as its largest parts, cost of revenue <movement>',
        'the cost of revenue, {mainly|largely} <inputs>, <movement>',
      ],
      { movement: () => moved(scene, report.costOfRevenue, previous.costOfRevenue) },
    ),
    say(
      [
        'gross profit, the difference between revenue of <revenue> and cost of revenue of <cost>, {was|came to} <profit>',
        '{after deducting|deducting} cost of revenue of <cost> from revenue of <revenue> {leaves|gives} gross profit of <profit>',
        'gross profit {therefore|accordingly} {amounted to|came to|reached} <profit>, {which is|or} <share> of revenue',
      ],
      {
        revenue: style.money(report.revenue),
        cost: style.money(report.costOfRevenue),
        profit: style.money(report.grossProfit),
        share: style.percent(shareTenths(report.grossProfit, report.revenue)),
      },
    ),
    marginSentence(
      scene,
      'gross margin',
      [report.grossProfit, report.revenue],
      [previous.grossProfit, previous.revenue],
    ),
  ];
  const expenses = [
    say(
      [
        'selling, general and administrative expenses <movement><staffing>',
        'selling and administrative costs <movement>',
        '{overheads|selling, general and administrative expenses}, at <share> of revenue, <movement>',
      ],
      {
        staffing: () =>
          report.sellingExpenses > previous.sellingExpenses
            ? writer.vary('{, as wages rose|, as more staff was hired|}')
            : '',
        movement: () => moved(scene, report.sellingExpenses, previous.sellingExpenses),
        share: style.percent(shareTenths(report.sellingExpenses, report.revenue)),
      },
    ),
    report.researchExpenses > 0 && previous.researchExpenses > 0
      ? say(
          [
            'research and development expenses <movement>{, {most of it|the larger part} spent on <product>|}',
            '{spending on|expenditure on} research <movement>',
            '<we> spent <amount> on research and development, {or <share> of revenue|which is <share> of revenue}{, mostly on <product>|}',
          ],
          {
            movement: () => moved(scene, report.researchExpenses, previous.researchExpenses),
            amount: style.money(report.researchExpenses),
            share: style.percent(shareTenths(report.researchExpenses, report.revenue)),
          },
        )
      : '',
    say(
      [
        'depreciation {of <amount> was|amounted to <amount> and was} charged on <our> <site>',
        'the depreciation charge <movement>',
        'depreciation of property, plant and equipment <movement>',
      ],
      {
        amount: style.money(report.depreciation),
        movement: () => moved(scene, report.depreciation, previous.depreciation),
      },
    ),
    profitSentence(scene, 'operating income', report.operatingIncome, previous.operatingIncome),
    writer.chance(0.6)
      ? marginSentence(
          scene,
          'operating margin',
          [report.operatingIncome, report.revenue],
          [previous.operatingIncome, previous.revenue],
        )
      : '',
  ];
  const bottom = [
    interestSentence(scene),
    taxSentence(scene),
    profitSentence(scene, 'net income', report.netIncome, previous.netIncome),
    perShareSentence(scene),
  ];
  return compose([
    heading(
      scene,
      'Management discussion and analysis',
      'Results of operations',
      'Review of the year',
      'Operating and financial review',
      `Results for ${report.year}`,
    ),
    revenue,
    costs,
    expenses,
    bottom,
  ]);
}

function interestSentence(scene: Scene): string {
  const { say, report, previous, style } = scene;
  if (report.interestExpense === 0 || previous.interestExpense === 0) {
    return say([
      '<we> paid {almost no|hardly any} interest, because {there was little debt|debt was small}',
      'interest expense {played no part|was not a factor}, {as|because} <we> carried {little or no|hardly any} debt',
    ]);
  }
  return say(
    [
      'interest expense <movement>{, {reflecting|following} the level of debt and the decisions of the <bank>|}',
      'interest of <amount> was {charged|paid} on borrowings, {against|compared with} <before> {a year earlier|in <lastYear>}',
      'with the policy rate of the <bank> in mind, <we> managed debt so that interest expense <movement>',
    ],
    {
      movement: () => moved(scene, report.interestExpense, previous.interestExpense),
      amount: style.money(report.interestExpense),
      before: style.money(previous.interestExpense),
    },
  );
}

function taxSentence(scene: Scene): string {
  const { say, report, style } = scene;
  if (report.incomeTax === 0) {
    return say([
      'no income tax was {due|charged} on the pre-tax loss',
      '{because of|given} the pre-tax loss, there was no income tax',
    ]);
  }
  return say(
    [
      'income tax {of <tax> was charged on|took <tax> out of} pre-tax income of <pretax>, {a rate of|an effective rate of} <rate>',
      'pre-tax income {was|came to} <pretax>; {after|less} income tax of <tax>, net income {was|came to} <net>',
      'the tax charge {was|came to} <tax>, {or <rate> of|which equals <rate> of} pre-tax income of <pretax>',
    ],
    {
      tax: style.money(report.incomeTax),
      pretax: style.money(report.pretaxIncome),
      net: style.money(report.netIncome),
      rate: style.percent(shareTenths(report.incomeTax, report.pretaxIncome)),
    },
  );
}
