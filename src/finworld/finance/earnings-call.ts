/** A call of management with analysts. Its questions are conversation, answered in the same turn-taking. */

import { stream } from '../../random/stream.ts';
import { debtOf } from '../economy/identities.ts';
import { compose } from '../grammar/writer.ts';
import { personName } from '../names.ts';
import { growthTenths, marginSentence, moved, profitSentence, shareTenths } from './movement.ts';
import { perShareSentence, signed } from './report-sentences.ts';
import type { Scene } from './scene.ts';

export function earningsCall(scene: Scene): string {
  const { say, writer, company, report, previous, economy } = scene;
  const speakers = stream(economy.seed, 'finworld', 'analysts', company.index, report.year, writer.draw(1000));
  const analysts = [personName(speakers), personName(speakers), personName(speakers)];
  const houses = [
    'Northgate Research',
    'Alder Securities',
    'Quay Partners',
    'Harrowgate Capital',
    'Lowland Advisers',
    'Summit Brokers',
  ];
  const up = report.revenue >= previous.revenue;
  const turn = (speaker: string, ...sentences: string[]) =>
    `${speaker}: ${sentences.filter((s) => s !== '').join(' ')}`;
  const opening = [
    turn(
      'Operator',
      say([
        'good {morning|afternoon} and welcome to the <year> results call of <company>',
        '{welcome|thank you for joining us}{ everyone|}; this is the annual results call of <company> for <year>',
      ]),
      say([
        '<ceo>, chief executive, and <cfo>, finance chief, {are on the line|will take your questions}',
        '{with me are|joining us today are} <ceo>, the chief executive, and <cfo>, the finance chief',
      ]),
    ),
    turn(
      company.chiefExecutive,
      say([
        'thank you, and {good morning|hello} to everyone',
        '{thank you all for joining|thanks for your time today}',
        '{let me begin|I will start} with the main points',
      ]),
      say(['revenue <movement>', 'in <year>, revenue <movement>', 'our revenue <movement>'], {
        movement: () => moved(scene, report.revenue, previous.revenue),
      }),
      up
        ? say([
            'we {owe|credit} this to <tailwind>',
            '<tailwind> {helped|made a real difference}, and so did <tailwind>',
            'the {biggest|most important} factor was <tailwind>',
          ])
        : say([
            'we {felt|were hit by} <headwind>',
            '<headwind> {hurt|held us back}, and so did <headwind>',
            'the {biggest|most important} factor was <headwind>',
          ]),
      say([
        'in the wider market, <trend>',
        'our teams at the <site> did {good|excellent} work',
        'we {moved ahead with|made progress on} <project>',
      ]),
    ),
    turn(
      company.financeChief,
      marginSentence(
        scene,
        'gross margin',
        [report.grossProfit, report.revenue],
        [previous.grossProfit, previous.revenue],
      ),
      profitSentence(scene, 'net income', report.netIncome, previous.netIncome),
      perShareSentence(scene),
      cashRemark(scene),
    ),
  ];
  const topics = writer.sample([costs, competition, debt, spending, demand, margins], writer.between(2, 3));
  const questions = topics.flatMap((topic, i) => {
    const { ask, answer, who } = topic(scene);
    const house = houses[(company.index + i) % houses.length];
    const responder = who === 'finance' ? company.financeChief : company.chiefExecutive;
    const lines = [
      turn(
        `${analysts[i]} (${house})`,
        say([
          'thank you for taking my question',
          'good {morning|afternoon}',
          '{thanks|congratulations on the results}',
          'hello and thank you',
        ]),
        ask,
      ),
      turn(responder, ...answer),
    ];
    if (writer.chance(0.35))
      lines.push(
        turn(
          analysts[i],
          say([
            'thank you, {that is clear|that helps|very helpful}',
            '{understood|I see}, thank you',
            'that is {useful|helpful}',
          ]),
        ),
      );
    return lines;
  });
  const closing = turn(
    writer.chance(0.5) ? 'Operator' : company.chiefExecutive,
    say([
      "this {concludes|ends} today's call",
      'thank you all, and {goodbye|until next time}',
      '{there are no further questions|that was the last question}, so thank you for joining',
    ]),
  );
  return compose([
    writer.vary(`{${company.name}: results call|Transcript of the ${report.year} results call|}`),
    ...opening,
    ...questions,
    closing,
  ]);
}

interface Exchange {
  readonly ask: string;
  readonly answer: readonly string[];
  readonly who: 'chief' | 'finance';
}

function cashRemark(scene: Scene): string {
  const { say, report, style } = scene;
  return say(
    [
      'cash at the end of the year {was|stood at} <cash>',
      'we {closed|ended} the year with <cash> of cash {on hand|in the bank}',
      'the balance sheet {shows|showed} <cash> of cash',
    ],
    { cash: style.money(report.cash) },
  );
}

function costs({ say, report, style }: Scene): Exchange {
  return {
    who: 'finance',
    ask: say([
      '{can|could} you {say more about|talk about} the cost of <input>?',
      'how {should we think about|do you see} the cost of <input> {next year|from here}?',
      'what are you seeing in the price of <input>?',
    ]),
    answer: [
      say(
        [
          'cost of revenue was <cost>, {or <share> of revenue|which is <share> of revenue}',
          'in <year>, the cost of revenue {took|absorbed} <share> of revenue',
        ],
        {
          cost: style.money(report.costOfRevenue),
          share: style.percent(shareTenths(report.costOfRevenue, report.revenue)),
        },
      ),
      say([
        'we have {fixed|locked in} prices for {part|about half} of our needs',
        'we {buy|purchase} <input> under contracts that {adjust|reset} {every quarter|once a year}',
        'contracts let us pass on {most|some} of the increase',
      ]),
    ],
  };
}

function competition({ say }: Scene): Exchange {
  return {
    who: 'chief',
    ask: say([
      'are you gaining ground against <competitor>?',
      'how do you {respond to|deal with} <competitor>, which is cutting prices?',
      'what is your view on {competition from|the strategy of} <competitor>?',
    ]),
    answer: [
      say([
        'we {respect|take seriously} <competitors>, but {our customers stay|customers stay} with us for {quality|service}',
        '{customers|buyers} compare us with <competitors>, and {most|many} of them stay',
        'rivals such as <competitors> {will do what they do|follow their own plans}; we {look|keep our eyes} on <measure>',
      ]),
      say([
        'in <industry>, {reliability|service} matters {more than|at least as much as} price',
        'our {order book|position} with <customer> is {strong|stable}',
      ]),
    ],
  };
}

function debt(scene: Scene): Exchange {
  const { say, report, style } = scene;
  const owed = debtOf(report);
  return {
    who: 'finance',
    ask: say([
      'what are your plans for {the balance sheet|debt}?',
      'how {comfortable|happy} are you with the level of debt?',
      'would you {consider|think about} {paying down|reducing} debt faster?',
    ]),
    answer:
      owed > 0
        ? [
            say(
              [
                'debt {stood at|was} <debt> at the end of the year, and <current> of {it|that} falls due within twelve months',
                'we {owe|carry} <debt>, {equal to|or} <share> of total assets',
              ],
              {
                debt: style.money(owed),
                current: style.money(report.currentDebt),
                share: style.percent(shareTenths(owed, report.totalAssets)),
              },
            ),
            say(
              [
                'interest expense was <interest>, {compared with|against} operating income of <operating>',
                'the policy rate matters for us, because {part|some} of the debt {floats|carries a floating rate}',
              ],
              { interest: style.money(report.interestExpense), operating: signed(scene, report.operatingIncome) },
            ),
          ]
        : [say(['we have no debt {at all|}, and {we like it that way|that gives us freedom}'])],
  };
}

function spending({ say, report, style }: Scene): Exchange {
  return {
    who: 'finance',
    ask: say([
      'how much do you {plan|intend} to spend on <project>?',
      '{can|could} you {update us on|say where you stand with} <project>?',
      'what {drives|explains} the level of capital expenditure?',
    ]),
    answer: [
      say(
        [
          'capital expenditure was <capex> in <year>, {or <share> of revenue|against depreciation of <depreciation>}',
          'we invested <capex>, {compared with|against} depreciation of <depreciation>',
        ],
        {
          capex: style.money(report.capitalExpenditure),
          depreciation: style.money(report.depreciation),
          share: style.percent(shareTenths(report.capitalExpenditure, report.revenue)),
        },
      ),
      say([
        '<project> is {on schedule|on budget|slightly behind schedule}',
        'the {larger|biggest} part {goes|went} into <project>',
      ]),
    ],
  };
}

function demand({ say, report, previous, style }: Scene): Exchange {
  const growth = growthTenths(report.revenue, previous.revenue);
  return {
    who: 'chief',
    ask: say([
      'what do you {hear|see} from <customer> at the moment?',
      'how is demand for <product> {developing|holding up}?',
      'do you see {any change|a change} in orders from <customer>?',
    ]),
    answer: [
      say(
        growth >= 0
          ? [
              'after growth of <rate> in <year>, we {see|expect} a {calmer|similar} pace',
              'demand {is healthy|held up}, as the growth of <rate> shows',
            ]
          : [
              'after a decline of <rate> in <year>, we see {first signs of recovery|no quick rebound}',
              'demand was weak, as the decline of <rate> shows',
            ],
        { rate: style.percent(Math.abs(growth)) },
      ),
      say([
        '<measure> tell us most, and they {look stable|point upwards}',
        'as you know, <trend>',
        'we {watch|follow} <headwind> {closely|with care}',
      ]),
    ],
  };
}

function margins({ say, report, style }: Scene): Exchange {
  return {
    who: 'finance',
    ask: say([
      'where {can|could} margins {go|settle} from here?',
      'how sustainable is the current margin?',
      'what would it take to {lift|raise} the margin?',
    ]),
    answer: [
      say(
        [
          'gross profit was <gross> on revenue of <revenue>, a margin of <share>',
          'we {kept|earned} a gross margin of <share>, {that is|meaning} <gross> on revenue of <revenue>',
        ],
        {
          gross: style.money(report.grossProfit),
          revenue: style.money(report.revenue),
          share: style.percent(shareTenths(report.grossProfit, report.revenue)),
        },
      ),
      say([
        '{more|a higher share} of <product> would help the mix',
        'the cost of <input> {decides|will decide} {much|a lot} of it',
        '<tailwind> would {help|support} margins, while <headwind> would {hurt|lower} them',
      ]),
    ],
  };
}
