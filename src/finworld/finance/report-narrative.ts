/** The descriptive parts of an annual report: business, risk factors, outlook. */
import { count, decimal } from '../grammar/numbers.ts';
import { compose } from '../grammar/writer.ts';
import { growthTenths, moved, shareTenths } from './movement.ts';
import type { Scene } from './scene.ts';

export function businessSection(scene: Scene): string {
  const { say, writer, company, report, style } = scene;
  const largest = [...report.segments].sort((a, b) => b.revenue - a.revenue)[0];
  const overview = [
    say([
      '<company> is a <maker> {based|headquartered|with its head office} in <hq>',
      'founded in <founded>, <company> is a <maker> {based in|with headquarters in} <hq>',
      '<company>, a <maker>, was {founded|established|set up} by <founder> in <founded>{ and {is still run|has been run ever since} from <hq>|}',
      '[since <founded> ~ <company> has been {active|at work} in <industry>, {with its head office|with its headquarters} in <hq>]',
      'from its headquarters in <hq>, <company> serves <customers> as a <maker>',
    ]),
    say([
      'its shares {are listed|trade|are quoted} under the symbol <ticker>',
      'the ordinary shares {trade|are listed} on the {main board of the <country> Exchange|<country> Exchange} under the ticker <ticker>',
      '{investors know the company by its ticker, <ticker>|the ticker symbol is <ticker>}',
    ]),
    say([
      '<we> make<s> and sell<s> <products>',
      '<our> {range|portfolio|catalogue} {covers|includes|comprises} <products>',
      '{the main products are|the core of the business consists of} <products>',
      '<we> {provide|equip}<s> <customers> with <products>',
    ]),
    say([
      '[at the end of <year> ~ <we> employed {about |}<employees> people{ and operated <site>| across <our> <site>|}]',
      '{the workforce numbered|the payroll included} <employees> people at the end of <year>',
      '<employees> people worked for <us> when <year> closed, most of them at <our> <site>',
    ]),
  ];
  const organisation = [
    say(
      [
        '<we> report<s> in <n> segments: <segments>',
        '{the business is organised|operations are organised|activities are grouped} in <n> segments, namely <segments>',
        '[for reporting purposes ~ the business is divided into <n> segments, which are <segments>]',
      ],
      { n: count(report.segments.length) },
    ),
    say(
      [
        '<segment> is the largest of {them|these}, with {<share> of revenue|revenue of <amount>} in <year>',
        'in <year> the <segment> segment {contributed|brought in|generated} <amount>, {or <share> of the total|which is <share> of revenue}',
        '{the biggest contribution came from|the largest share of revenue came from} <segment>, which {accounted for|made up} <share> {of revenue|of the total} in <year>',
      ],
      {
        segment: largest.name,
        share: style.percent(shareTenths(largest.revenue, report.revenue)),
        amount: style.money(largest.revenue),
      },
    ),
    say(
      [
        'total revenue <movement>',
        'in <year>, revenue <movement>',
        'revenue for the {group|company} as a whole <movement>',
      ],
      {
        movement: () => moved(scene, report.revenue, scene.previous.revenue),
      },
    ),
  ];
  const market = [
    say([
      'customers are {mainly|chiefly} <customers>, {none of which accounted for more than a tenth of revenue|many of which have bought from <us> for years}',
      '<our> {customers include|most important customers are} <customers>',
      '<we> sell<s> to <customers>, {mostly under annual contracts|partly through distributors and partly directly|through a sales force of <our> own}',
    ]),
    say([
      '{competition is strong|the market is competitive|rivalry is keen}, and <we> {meet|face}<s> <competitors> in most tenders',
      'the {principal|main|most direct} competitors are <competitors>',
      'in <industry>, <we> compete<s> with <competitors>, {chiefly on quality and price|on price, service and reliability|above all on quality}',
      '<competitor> is the {closest|most direct} rival{, although it is stronger in <product>|}',
    ]),
    say([
      '<supplier> {supplies|delivers} part of the goods and services that <we> buy<s> from others',
      '{among the suppliers is|one of the larger suppliers is} <supplier>, {with whom|with which} a {long-term|multi-year} agreement is in place',
      '<we> {depend|count}<s> on <supplier> for some {essential|important} services',
    ]),
    say([
      '{the most important inputs are|purchasing is dominated by} <inputs>',
      'the {cost base|cost structure} is shaped {above all |chiefly |}by <inputs>',
      '<we> buy<s> <inputs> {from several sources|under contracts of one to three years|at market prices}',
    ]),
  ];
  const people = [
    say([
      '<ceo> {is|serves as} chief executive, and <cfo> {is|serves as} chief financial officer',
      'the company is led by <ceo>; <cfo> {looks after|is responsible for} finance',
      '<ceo> leads the {management team|executive committee}, {supported by|together with} <cfo> as finance chief',
    ]),
    say([
      '{management|the management team|the board} {follows|watches|tracks} <measure> and <measure> {most closely|as the main indicators of performance|to judge operating performance}',
      '{the key operating measures are|performance is judged by} <measure> and <measure>',
      'two measures, <measure> and <measure>, {guide|inform} day-to-day decisions',
    ]),
    say([
      '{across the industry, |in the wider market, |}<trend>',
      '<trend>, and <we> {aim|plan|intend}<s> to benefit from it',
    ]),
  ];
  const body = writer.sample([organisation, market, people], 3);
  return compose([
    heading(
      scene,
      'Business',
      'Item 1. Business',
      'Our business',
      'Description of business',
      `${company.name}: the business`,
    ),
    overview,
    ...body,
  ]);
}

/** A title line, which not every document has. */
export function heading(scene: Scene, ...titles: readonly string[]): string {
  return scene.writer.chance(0.65) ? scene.writer.pick(titles) : '';
}

export function riskFactors(scene: Scene): string {
  const { say, writer, company } = scene;
  const opening = [
    say([
      '{investors should consider|shareholders should weigh|readers should consider} the following risks {together with the other information in this report|before buying or holding the shares}',
      '{the business of <company> is|<we> <are>} exposed to {several|various} risks, the most {important|material} of which are {described|set out} below',
      '{like every <maker>, <company> faces|as a <maker>, <company> faces} risks that could {harm|affect} its results, its cash flow or {its share price|its reputation}',
      'the board reviewed the principal risks in <year> and {considers|judges} the following to be the most {important|serious}',
    ]),
  ];
  const paragraphs = writer
    .sample(company.sector.risks, writer.between(4, 6))
    .map((risk) => [
      say(
        [
          '<theRisk>',
          '{there is a risk that|it is possible that} <theRisk>',
          '{one concern is that|management recognises that|<we> note<s> that|experience shows that} <theRisk>',
        ],
        { theRisk: risk },
      ),
      say([
        '{if this happened|should this occur|in that event|if so}, {revenue would fall|margins would suffer|<our> results could be materially affected|profit could be lower than planned|the share price could decline}',
        '{such a development|this|an event of this kind} {could reduce|would weigh on|might depress} {operating income|cash flow from operations|gross margin|demand for <product>}',
        '{the effect on|the consequences for} {net income|liquidity|the financial position} {could be material|would depend on how long the condition lasted|cannot be estimated reliably}',
        'in <lastYear>, {a mild form of this risk appeared|<we> saw an example of this}, when <headwind> {held back revenue|weighed on results}',
      ]),
      writer.chance(0.75)
        ? say([
            '<we> {limit|reduce}<s> this exposure by {keeping a second source for <input>|spreading revenue over <customers>|hedging part of the cost of <input>|holding more stock than strictly needed|reviewing contracts every quarter}',
            '{to mitigate the risk|in response|to contain the risk}, {management has|<we> <has>} {diversified the sources of <input>|strengthened controls at <our> <site>|bought insurance where it was available at a reasonable price|agreed longer contracts with <customer>}',
            '{insurance covers only part of such losses|no insurance is available against this risk|the risk can be reduced but not removed}',
            '{the audit committee|the board|a committee of the board} {monitors|reviews} this risk {every quarter|twice a year|with the help of <measure>}',
          ])
        : '',
    ]);
  const debt = scene.report.currentDebt + scene.report.longTermDebt;
  const financial = [
    debt > 0
      ? say(
          [
            '<we> {owed|carried} <debt> of debt at the end of <year>, {and a higher policy rate would raise the cost of refinancing it|so that rising interest rates would increase interest expense}',
            '[with debt of <debt> outstanding at the end of <year> ~ <we> <are> sensitive to {interest rates|the decisions of the <bank>}]',
          ],
          { debt: scene.style.money(debt) },
        )
      : '',
    say([
      '{rivals such as <competitors>|competitors, including <competitors>,} may {lower their prices|bring better products to market|consolidate}, which could {cost <us> market share|force <us> to respond}',
      '{a downturn in <country>|weaker growth in <country>} {would reduce|could reduce} demand from <customers>',
      '{the loss of key people, among them <ceo>,|the departure of <ceo> or other senior managers} could {delay|disrupt} the execution of the strategy',
      'a failure of <supplier> to deliver could {interrupt|slow} production for some time',
    ]),
  ];
  return compose([
    heading(scene, 'Risk factors', 'Item 1A. Risk factors', 'Principal risks and uncertainties', 'Risks'),
    opening,
    ...paragraphs,
    financial,
  ]);
}

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
