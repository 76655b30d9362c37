/** News about the results of a quarter or a year. */
import { quartersOf } from '../economy/quarters.ts';
import { capitalised } from '../grammar/polish.ts';
import { compose } from '../grammar/writer.ts';
import { growthTenths, marginSentence, moved, profitSentence, shareTenths } from './movement.ts';
import { perShareSentence, segmentSentence } from './report-sentences.ts';
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
