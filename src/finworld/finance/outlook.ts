/** The outlook of an annual report, with guidance around the growth of the year. */
import { decimal } from '../grammar/numbers.ts';
import { compose } from '../grammar/writer.ts';
import { heading } from './heading.ts';
import { growthTenths } from './movement.ts';
import type { Scene } from './scene.ts';

export function outlookSection(scene: Scene): string {
  const { say, writer, report, previous, style, macro } = scene;
  const growth = growthTenths(report.revenue, previous.revenue);
  // Guidance is a band around what a continuation at half the pace would give; it is a plan, not a fact to be checked.
  const centre = Math.round(growth / 20) * 10;
  const low = Math.max(0, centre - writer.pick([10, 20]));
  const high = low + writer.pick([20, 30, 40]);
  const capex = Math.max(1, Math.round((report.capitalExpenditure * writer.between(95, 120)) / 100));
  const view = [
    say([
      '{looking ahead to|for} <nextYear>, <company> {sees a mixed picture|is cautiously optimistic|expects conditions to stay demanding}',
      'the plans of <company> for <nextYear> {assume|rest on the assumption} that {demand from <customers> will hold|input costs will stay close to their current level|<industry> will grow slowly}',
      '[as <nextYear> begins ~ <company> {regards|sees} the market for <product> as {balanced|competitive|promising}]',
    ]),
    say([
      '<trend>',
      '{in <industry>, |across the market, |}<trend>, and {this should support|this is likely to shape} demand for <product>',
      '<trend>; {meanwhile|at the same time}, <trend>',
    ]),
    say(
      [
        'the economy of <country> <economy> in <year>, and {economists expect|the <bank> projects} {little change|a similar pace} in the {coming|next} year',
        'consumer prices <prices> in <year>, which {influences|affects} {wages|the cost of <input>}',
        'the policy rate of the <bank> stood at <rate> at the end of <year>, {and <our> plans assume no large change|which feeds into the cost of borrowing}',
      ],
      {
        economy: `${macro.growth < 0 ? 'shrank' : 'grew'} by ${style.percent(Math.abs(macro.growth) / 10)}`,
        prices: `${macro.inflation < 0 ? 'fell' : 'rose'} by ${style.percent(Math.abs(macro.inflation) / 10)}`,
        rate: `${decimal(macro.policyRate, 2)}%`,
      },
    ),
  ];
  const guidance = [
    say(
      growth >= 0
        ? [
            'after growth of <growth> in <year>, <we> expect<s> revenue to {grow|increase|rise} by between <low> and <high> in <nextYear>',
            '<we> {plan|budget}<s> for revenue growth {of <low> to <high>|between <low> and <high>} in <nextYear>, {after|following} <growth> in <year>',
            'revenue is {expected|projected|forecast} to {rise|increase} by <low> to <high> in <nextYear>; it had {grown|increased} by <growth> in <year>',
          ]
        : [
            'after a decline of <growth> in <year>, <we> expect<s> revenue to {recover|grow} by between <low> and <high> in <nextYear>',
            'revenue fell by <growth> in <year>; <we> expect<s> {growth|a recovery} of <low> to <high> in <nextYear>',
          ],
      { growth: style.percent(Math.abs(growth)), low: style.percent(low), high: style.percent(high) },
    ),
    say([
      'growth should {be supported by|be helped by|come from} <tailwind>',
      '{the main support should come from|<we> look<s> for support from} <tailwind>, while <headwind> could be {the main concern|a drag}',
      '{on the positive side,|among the positives,} <we> count<s> on <tailwind>{; on the negative side, <headwind> cannot be ruled out|}',
    ]),
    say(
      [
        'capital expenditure is {planned|budgeted} at {about |}<capex>, {including|mostly for} <project>',
        '<we> intend<s> to invest {about |around |}<capex>, {after|compared with} <spent> in <year>, with <project> as the {largest|main} item',
        'the {investment|capital} budget of {about |}<capex> {includes|covers} <project> and <project>',
      ],
      { capex: style.money(capex), spent: style.money(report.capitalExpenditure) },
    ),
  ];
  const priorities = [
    say([
      '<our> priorities {are unchanged|for <nextYear> are clear}: {serve <customers> well, control the cost of <inputs>, and protect cash flow|improve <measure>, hold prices and finish <project>}',
      '{management will focus|<ceo> wants the company to focus} on <measure> and on the cost of <input>',
      '{management|the board} {will watch|keeps an eye on} {rivals such as <competitor>|the pricing of <competitor>}, {whose new capacity could change the balance of the market|which has become more aggressive}',
    ]),
    report.dividends === 0
      ? say([
          'no dividend was paid for <year>, and {none is planned for <nextYear>|the board prefers to keep cash in the business}',
          '<we> {prefer|intend}<s> to reinvest {profits|cash flow} {rather than pay|before paying} a dividend',
        ])
      : say(
          [
            '{the board expects|<we> expect<s>} to {maintain|keep} the dividend policy, {which led to payments of|under which shareholders received} <dividends> in <year>',
            '{shareholder distributions|dividends} will {depend on|follow} {earnings|free cash flow}; in <year> they {amounted to|came to} <dividends>',
          ],
          { dividends: style.money(report.dividends) },
        ),
    say([
      '{these statements are|this outlook is} subject to {the risks described elsewhere in this report|uncertainty, and actual results may differ}',
      '{should <headwind> persist|if conditions worsen}, {the plan will be reviewed|spending will be adjusted}',
      '{forward-looking statements of this kind|expectations of this kind} {are not guarantees|may turn out to be wrong}, {and the company has no duty to update them|because they rest on assumptions}',
    ]),
  ];
  return compose([
    heading(scene, 'Outlook', `Outlook for ${report.year + 1}`, 'Looking ahead', 'Prospects', 'Guidance'),
    view,
    guidance,
    priorities,
  ]);
}
