/** What others write about a company: earnings news and analyst notes. */
import { debtOf } from '../economy/identities.ts';
import { quartersOf } from '../economy/quarters.ts';
import { decimal, roundedQuotient } from '../grammar/numbers.ts';
import { capitalised } from '../grammar/polish.ts';
import { compose } from '../grammar/writer.ts';
import { growthTenths, marginSentence, moved, profitSentence, shareTenths } from './movement.ts';
import { perShareSentence, segmentSentence } from './report-results.ts';
import type { Scene } from './scene.ts';

const quarterNames = ['first', 'second', 'third', 'fourth'];

export function earningsNews(scene: Scene): string {
  return scene.writer.chance(0.5) ? quarterlyNews(scene) : annualNews(scene);
}

function dateline(scene: Scene): string {
  const { writer, company, report } = scene;
  const month = writer.pick(['January', 'February', 'March', 'April']);
  return writer.vary(
    `{${company.headquarters.toUpperCase()}, ${month} ${report.year + 1} - |${company.headquarters} - |}`,
  );
}

function quarterlyNews(scene: Scene): string {
  const { say, phrase, writer, economy, company, report, previous, style } = scene;
  const at = writer.draw(4);
  const now = quartersOf(economy, company, report)[at];
  const before = quartersOf(economy, company, previous)[at];
  const up = now.revenue >= before.revenue;
  const name = quarterNames[at];
  const period = { now: `the ${name} quarter`, last: `the same quarter of ${previous.year}` };
  const rate = style.percent(Math.abs(growthTenths(now.revenue, before.revenue)));
  const headline = phrase(
    up
      ? [
          '<short> {lifts|raises|grows} {quarterly|<q>-quarter} revenue by <rate>',
          '<short> revenue up <rate> in <q> quarter',
          'firm demand helps <short> to {higher|better} <q>-quarter revenue',
        ]
      : [
          '<short> revenue {falls|drops|down} <rate> in <q> quarter',
          '<short> reports lower <q>-quarter revenue',
          'Weaker quarter for <short> as revenue {falls|slips} <rate>',
        ],
    { q: name, rate },
  );
  const first = [
    `${dateline(scene)}${say(
      [
        '<company> {said on <day>|reported on <day>|announced on <day>} that {revenue for the <q> quarter of <year>|its <q>-quarter revenue} <movement>',
        'in the <q> quarter of <year>, revenue at <company>, the {<hq>-based |}<maker>, <movement>',
        'in the <q> quarter of <year>, revenue at <company> <movement>',
      ],
      {
        q: name,
        day: writer.pick(['Monday', 'Tuesday', 'Wednesday', 'Thursday']),
        movement: () => moved(scene, now.revenue, before.revenue, period),
      },
    )}`,
    profitSentence(scene, 'net income', now.netIncome, before.netIncome, period),
    say(
      up
        ? [
            'the {increase|improvement} {came from|was owed to|reflected} <tailwind>{ and <tailwind>|}',
            '{the company|management} {credited|cited|pointed to} <tailwind>{, while <headwind> {held back|limited} the gain|}',
          ]
        : [
            'the {decrease|decline} {came from|was blamed on|reflected} <headwind>{ and <headwind>|}',
            '{the company|management} {blamed|cited|pointed to} <headwind>{, only partly offset by <tailwind>|}',
          ],
    ),
  ];
  const comment = [quote(scene, up), marketReaction(scene, up)];
  const context = [
    say(
      [
        'for {the whole of|the full year} <year>, revenue {came to|was|totalled} <revenue>, of which the <q> quarter {contributed|made up} <share>',
        'the <q> quarter {contributed|made up} <share> of {annual revenue of <revenue>|the <revenue> of revenue recorded in <year>}',
      ],
      { q: name, revenue: style.money(report.revenue), share: style.percent(shareTenths(now.revenue, report.revenue)) },
    ),
    segmentSentence(scene),
    say([
      '<short> competes with <competitors> in the market for <product>',
      '{rivals|competitors} such as <competitors> {report|publish their figures} {later this month|next week}',
      '<competitor>, a rival, {is due to report|publishes its figures} {next week|later this month}',
    ]),
    closing(scene),
  ];
  return compose([capitalised(headline), first, comment, context]);
}

function annualNews(scene: Scene): string {
  const { say, phrase, report, previous, style, writer } = scene;
  const up = report.revenue >= previous.revenue;
  const rate = style.percent(Math.abs(growthTenths(report.revenue, previous.revenue)));
  const headline = phrase(
    up
      ? [
          '<short> reports <rate> {higher|more} revenue for <year>',
          '<short> {grows|expands} by <rate> in <year>',
          'Annual revenue of <short> {rises|climbs} <rate>',
        ]
      : [
          '<short> reports <rate> lower revenue for <year>',
          '<short> {shrinks|contracts} by <rate> in <year>',
          'Annual revenue of <short> {falls|drops} <rate>',
        ],
    { rate },
  );
  const first = [
    `${dateline(scene)}${say(
      [
        '<company> {published|released|presented} its annual results{ on <day>|}: revenue <movement>',
        'annual revenue at <company> <movement>, the <maker> {said|reported|announced}{ on <day>|}',
        'the <maker> <company> {said|reported|announced}{ on <day>|} that its revenue for <year> <movement>',
      ],
      {
        day: writer.pick(['Monday', 'Tuesday', 'Wednesday', 'Thursday']),
        movement: () => moved(scene, report.revenue, previous.revenue),
      },
    )}`,
    profitSentence(scene, 'net income', report.netIncome, previous.netIncome),
    perShareSentence(scene),
  ];
  const detail = [
    marginSentence(
      scene,
      'gross margin',
      [report.grossProfit, report.revenue],
      [previous.grossProfit, previous.revenue],
    ),
    segmentSentence(scene),
    profitSentence(scene, 'operating income', report.operatingIncome, previous.operatingIncome),
  ];
  const comment = [quote(scene, up), marketReaction(scene, up), closing(scene)];
  return compose([capitalised(headline), first, detail, comment]);
}

function quote(scene: Scene, up: boolean): string {
  return scene.say(
    up
      ? [
          '"{we are pleased with|we are encouraged by} {these results|this performance}, which we owe to <tailwind>," said {<ceo>, the chief executive|chief executive <ceo>}',
          'chief executive <ceo> {said|told reporters} that <tailwind> had {made the difference|helped more than expected}',
          '"{our teams|our people} {delivered|did good work}, and customers noticed," <ceo> {said|told analysts}',
          '<cfo>, the finance chief, {said|noted} that the cost of <input> {had stabilised|remained under control|was lower than budgeted}',
        ]
      : [
          '"{it was a difficult period|this was not an easy year}, and <headwind> {made it harder|did not help}," said {<ceo>, the chief executive|chief executive <ceo>}',
          'chief executive <ceo> {said|told reporters} that <headwind> had {cost more than expected|weighed on demand}',
          '"{we are cutting costs|we are adjusting our plans} and {protecting cash|keeping our customers close}," <ceo> {said|told analysts}',
          '<cfo>, the finance chief, {said|noted} that the cost of <input> {had not yet come down|remained a concern|was higher than budgeted}',
        ],
  );
}

function marketReaction(scene: Scene, up: boolean): string {
  const move = scene.style.percent(scene.writer.between(3, 68));
  return scene.say(
    up
      ? [
          'the shares, which trade under the symbol <ticker>, {rose|gained|added} <move> {in early trading|by the close|after the announcement}',
          '<ticker> shares {rose|gained|climbed} <move> {on the day|on the news}',
          'investors {welcomed|liked} the figures, and <ticker> {gained|added} <move>',
        ]
      : [
          'the shares, which trade under the symbol <ticker>, {fell|lost|shed} <move> {in early trading|by the close|after the announcement}',
          '<ticker> shares {fell|lost|dropped} <move> {on the day|on the news}',
          'investors {disliked|were disappointed by} the figures, and <ticker> {lost|shed} <move>',
        ],
    { move },
  );
}

function closing(scene: Scene): string {
  return scene.say([
    '<short>, founded by <founder> in <founded>, {employs|has} <employees> people{ and is based in <hq>|}',
    '{analysts|observers} {will watch|are watching} <measure> {in the coming quarters|for signs of a change in trend}',
    'across the industry, <trend>',
    '<short> {plans|intends} to {invest in|spend on} <project>{ in <nextYear>|}',
  ]);
}

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
