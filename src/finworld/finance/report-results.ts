/** The parts of an annual report that explain figures: management discussion, liquidity, segment note. */
import { debtOf, workingCapital } from '../economy/identities.ts';
import { compose } from '../grammar/writer.ts';
import { growthTenths, marginSentence, moved, profitSentence, shareTenths } from './movement.ts';
import { heading } from './report-narrative.ts';
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

/** One segment against its own previous year. */
export function segmentSentence(scene: Scene): string {
  const { say, report, previous, writer, style } = scene;
  const at = writer.draw(report.segments.length);
  const segment = report.segments[at];
  const before = previous.segments[at];
  if (segment.revenue === 0 || before.revenue === 0) return '';
  return say(
    [
      '{by segment, |within the total, |}<segment> revenue <movement>',
      'in the <segment> segment, revenue <movement>',
      'revenue of the <segment> segment, {equal to|at} <share> of the total, <movement>',
      '<segment>, {which accounted for|with} <share> of revenue, {was among the segments that moved most: its revenue|reported revenue that} <movement>',
    ],
    {
      segment: segment.name,
      movement: () => moved(scene, segment.revenue, before.revenue),
      share: style.percent(shareTenths(segment.revenue, report.revenue)),
    },
  );
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

export function perShareSentence(scene: Scene): string {
  const { say, report, previous, style } = scene;
  const slots = {
    eps: style.cents(Math.abs(report.earningsPerShare)),
    before: style.cents(Math.abs(previous.earningsPerShare)),
    dividend: style.cents(report.dividendPerShare),
  };
  if (report.earningsPerShare <= 0) {
    return say(
      ['the loss per share {was|came to} <eps>', 'this {equals|corresponds to} a loss of <eps> per share'],
      slots,
    );
  }
  if (previous.earningsPerShare <= 0) {
    return say(
      [
        'earnings per share {were|came to} <eps>, after a loss of <before> per share in <lastYear>',
        '<we> earned <eps> per share, after losing <before> per share the year before',
      ],
      slots,
    );
  }
  const basic = say(
    [
      'earnings per share {were|came to|amounted to} <eps>, {against|compared with|after} <before> {in <lastYear>|a year earlier|the year before}',
      '{on a per-share basis|per share}, <we> earned <eps>, {against|compared with} <before> in <lastYear>',
      '{this equals|that corresponds to} earnings per share of <eps>, {after|against} <before> {in <lastYear>|the year before}',
    ],
    slots,
  );
  if (report.dividends === 0) return basic;
  return `${basic} ${say(['the dividend per share {was|came to} <dividend>', 'shareholders received <dividend> per share as a dividend', 'a dividend of <dividend> per share was {paid|paid out|distributed}'], slots)}`;
}

export function liquiditySection(scene: Scene): string {
  const { say, report, previous, style } = scene;
  const debt = debtOf(report);
  const openingDebt = debtOf(report.opening);
  const workingCapitalGrowth = workingCapital(report) - workingCapital(report.opening);
  const m = style.money;
  const cash = [
    say(
      [
        '<company> {ended|closed} <year> with cash of <cash>, {against|compared with} <opening> {a year earlier|at the start of the year}',
        '[at the end of <year> ~ <company> held cash of <cash>, {after|compared with} <opening> twelve months before]',
        'cash at <company> {went|moved} from <opening> at the {start|beginning} of <year> to <cash> at {its end|the end}',
      ],
      { cash: m(report.cash), opening: m(report.opening.cash) },
    ),
    report.operatingCashFlow > 0
      ? say(
          [
            'operating activities {provided|generated|brought in} <flow>, {while|and} investing activities {used|absorbed} <capex>',
            'cash flow from operations {was|came to} <flow>{, <comparison> capital expenditure of <capex>|}',
            '<we> generated <flow> from operations and {spent <capex> on|invested <capex> in} property, plant and equipment',
          ],
          {
            flow: m(report.operatingCashFlow),
            capex: m(report.capitalExpenditure),
            comparison: report.operatingCashFlow >= report.capitalExpenditure ? 'enough to cover' : 'less than',
          },
        )
      : say(['operating activities {used|consumed} <flow>, {and|while} capital expenditure took another <capex>'], {
          flow: m(-report.operatingCashFlow),
          capex: m(report.capitalExpenditure),
        }),
    say(
      report.changeInCash >= 0
        ? [
            'taken together, all {activities|cash flows} {added|contributed} <change> to cash',
            'after {investment and financing|all payments}, cash {increased|grew} by <change>',
          ]
        : [
            'taken together, all {activities|cash flows} {took|drew} <change> out of cash',
            'after {investment and financing|all payments}, cash {decreased|fell} by <change>',
          ],
      { change: m(Math.abs(report.changeInCash)) },
    ),
  ];
  const operations = [
    say(
      [
        '{starting from|beginning with} a bottom line of <net>, <we> add<s> back depreciation of <depreciation>, which used no cash',
        'the {reconciliation|bridge} from a bottom line of <net> to operating cash flow {begins with|adds back} depreciation of <depreciation>',
        'depreciation of <depreciation> {reduced|weighed on} income but not cash, {and is added back|so it is added back to the bottom line of <net>}',
      ],
      { net: signed(scene, report.netIncome), depreciation: m(report.depreciation) },
    ),
    say(
      workingCapitalGrowth >= 0
        ? [
            'working capital {absorbed|tied up} {another |}<amount>; receivables {moved|went} from <oldReceivables> to <receivables>',
            '{an increase in working capital|higher working capital} {used|cost} <amount> of cash; receivables {stood at|were} <receivables> at year end',
          ]
        : [
            'working capital {released|freed} <amount>; receivables {moved|went} from <oldReceivables> to <receivables>',
            '{a reduction in working capital|lower working capital} {released|contributed} <amount> of cash; receivables {stood at|were} <receivables> at year end',
          ],
      {
        amount: m(Math.abs(workingCapitalGrowth)),
        receivables: m(report.receivables),
        oldReceivables: m(report.opening.receivables),
      },
    ),
    report.inventory > 0
      ? say(['inventories <movement>', 'the stock of <product> and materials, shown as inventories, <movement>'], {
          movement: () => moved(scene, report.inventory, report.opening.inventory),
        })
      : '',
  ];
  const investment = [
    say(
      [
        'capital expenditure <movement>{, {mainly|chiefly} for <project>|}',
        '<we> invested <capex>, or <share> of revenue, {much of it|a good part of it} in <project> and <project>',
        'investment went into <project> and <project>, {and |so that }capital expenditure <movement>',
      ],
      {
        movement: () => moved(scene, report.capitalExpenditure, previous.capitalExpenditure),
        capex: m(report.capitalExpenditure),
        share: style.percent(shareTenths(report.capitalExpenditure, report.revenue)),
      },
    ),
    say(
      [
        'property, plant and equipment {therefore |}{moved|went} from <opening> to <closing>: the opening balance plus capital expenditure of <capex> less depreciation of <depreciation>',
        'with additions of <capex> and depreciation of <depreciation>, the net value of property, plant and equipment {moved|changed} from <opening> to <closing>',
      ],
      {
        opening: m(report.opening.ppe),
        closing: m(report.ppe),
        capex: m(report.capitalExpenditure),
        depreciation: m(report.depreciation),
      },
    ),
  ];
  const financing = [
    borrowingSentence(scene, debt, openingDebt),
    debt > 0
      ? say(
          [
            'of the total, <current> {falls|comes} due within {one year|twelve months} and <long> later',
            '{the current portion is|debt due within one year is} <current>; {the remaining|the other} <long> matures later',
            'debt {equalled|was equal to} <share> of total assets {of|, which were} <assets>',
          ],
          {
            current: m(report.currentDebt),
            long: m(report.longTermDebt),
            share: style.percent(shareTenths(debt, report.totalAssets)),
            assets: m(report.totalAssets),
          },
        )
      : '',
    distributionSentence(scene),
    say([
      '<we> <has> {an undrawn|a committed} credit line with {a group of|three} banks{ and {meet|respect}<s> all its covenants|}',
      '{management believes|the board believes|<we> believe<s>} that cash and {expected|future} cash flow will {cover|meet} {all obligations|needs} for at least {twelve|eighteen} months',
      '{liquidity|the liquidity position} is {reviewed|forecast} {every week|every month} by the treasury {team|department} under <cfo>',
    ]),
  ];
  return compose([
    heading(
      scene,
      'Liquidity and capital resources',
      'Cash flow and financing',
      'Financial position',
      'Funding and liquidity',
    ),
    cash,
    operations,
    investment,
    financing,
  ]);
}

function borrowingSentence(scene: Scene, debt: number, openingDebt: number): string {
  const { say, report, style } = scene;
  const slots = {
    issued: style.money(report.debtIssued),
    repaid: style.money(report.debtRepaid),
    debt: style.money(debt),
    openingDebt: style.money(openingDebt),
  };
  if (report.debtIssued === 0 && report.debtRepaid === 0)
    return say(['nothing was borrowed or repaid {in|during} <year>']);
  if (report.debtIssued === 0) {
    return say(
      [
        '<we> repaid <repaid> and borrowed nothing, so that debt {fell|declined} from <openingDebt> to <debt>',
        'repayments of <repaid> {lowered|reduced} debt to <debt>',
      ],
      slots,
    );
  }
  if (report.debtRepaid === 0) return say(['<we> borrowed <issued>, which {took|raised} debt to <debt>'], slots);
  return say(
    [
      '<we> borrowed <issued> and repaid <repaid>, so that debt {moved|went} from <openingDebt> to <debt>',
      'debt {moved|went} from <openingDebt> to <debt>, after new borrowing of <issued> and repayments of <repaid>',
      '{loans and notes|borrowings} of <repaid> were repaid and <issued> was {raised|borrowed}; total debt {ended the year at|was} <debt>, {after|against} <openingDebt>',
    ],
    slots,
  );
}

/** A signed amount as a noun phrase: "$4.2 million", "minus $4.2 million". */
export function signed(scene: Scene, thousands: number): string {
  return thousands >= 0 ? scene.style.money(thousands) : `minus ${scene.style.money(-thousands)}`;
}

function distributionSentence(scene: Scene): string {
  const { say, report, style } = scene;
  const m = style.money;
  if (report.sharesIssuedProceeds > 0) {
    return say(
      [
        'the sale of new shares {raised|brought in} <amount>, which {strengthened|supported} equity',
        '<we> issued new shares for <amount> to {strengthen|repair} the balance sheet',
      ],
      { amount: m(report.sharesIssuedProceeds) },
    );
  }
  if (report.dividends > 0 && report.shareRepurchases > 0) {
    return say(
      [
        'shareholders received dividends of <dividends>, and <we> bought back shares for <repurchases>',
        '<we> paid dividends of <dividends> and spent <repurchases> on {share repurchases|buying back shares}',
      ],
      { dividends: m(report.dividends), repurchases: m(report.shareRepurchases) },
    );
  }
  if (report.dividends > 0) {
    return say(
      [
        '<we> paid dividends of <dividends>, {or <share> of net income|which is <share> of net income}',
        'dividends {came to|amounted to} <dividends>, so that retained earnings {ended the year at|moved to} <retained>',
      ],
      {
        dividends: m(report.dividends),
        share: style.percent(shareTenths(report.dividends, report.netIncome)),
        retained: signed(scene, report.retainedEarnings),
      },
    );
  }
  if (report.shareRepurchases > 0) {
    return say(
      [
        'no dividend was paid, but <we> bought back shares for <amount>',
        '<we> spent <amount> on {share repurchases|buying back shares} and paid no dividend',
      ],
      { amount: m(report.shareRepurchases) },
    );
  }
  return say([
    'no dividend was paid, and no shares were {issued|bought back}',
    "<we> kept the {year's |}cash in the business and paid no dividend",
  ]);
}

export function segmentNote(scene: Scene): string {
  const { say, report, previous, style, writer } = scene;
  const opening = [
    say([
      '<company> {reports|presents} its results by segment: <segments>',
      'the {operating |reporting |}segments of <company> are <segments>, {each with its own management|as reviewed by <ceo>}',
      '{this note|the segment note} {shows|explains} how the revenue of <company> {is divided|was divided in <year>} between <segments>',
    ]),
    say(
      [
        'together, {they|these segments} {had|recorded|produced} revenue of <total> in <year>',
        'the segments {add up|sum} to total revenue of <total> for <year>',
      ],
      { total: style.money(report.revenue) },
    ),
  ];
  const paragraphs = report.segments.map((segment, i) => {
    const before = previous.segments[i];
    const up = segment.revenue >= before.revenue;
    const lines = {
      segment: segment.name,
      share: style.percent(shareTenths(segment.revenue, report.revenue)),
      oldShare: style.percent(shareTenths(before.revenue, previous.revenue)),
      movement: () => moved(scene, segment.revenue, before.revenue),
      cause: () => scene.phrase(up ? ['<tailwind>'] : ['<headwind>']),
    };
    return [
      say(
        [
          'revenue of <segment> <movement>',
          'in <segment>, revenue <movement>',
          'the <segment> segment {sells|supplies} <product> {to <customers>|}; its revenue <movement>',
          '<segment> revenue <movement>, {reflecting|following} <cause>',
        ],
        lines,
      ),
      say(
        up
          ? [
              'the main {reason|driver} was <cause>',
              '<cause> made the difference',
              '{this reflects|behind the increase stood} <cause>',
              'management {points to|cites} <cause>',
            ]
          : [
              'the main {reason|factor} was <cause>',
              '{this reflects|behind the decline stood} <cause>',
              'management {points to|cites} <cause>',
              'the segment {suffered from|was affected by} <cause>',
            ],
        lines,
      ),
      say(
        [
          'its share of {total |group |}revenue {moved|went} from <oldShare> to <share>',
          '{it|the segment} {accounted for|contributed} <share> of revenue, {against|after} <oldShare> {a year earlier|in <lastYear>}',
          'its weight in the group was <share>, after <oldShare> the year before',
        ],
        lines,
      ),
    ];
  });
  const closing = [
    say([
      'segment results are measured before interest and {income tax|corporate costs}',
      'transactions between segments are {made|priced} at market terms and {eliminated|removed} on consolidation',
      '{no single customer|no customer} accounted for more than {ten percent|a tenth} of revenue in {either year|<year>}',
    ]),
    say(
      report.revenue >= previous.revenue
        ? ['revenue of all segments together grew by <rate>', '{added up|in total}, revenue increased by <rate>']
        : ['revenue of all segments together fell by <rate>', '{added up|in total}, revenue decreased by <rate>'],
      { rate: style.percent(Math.abs(growthTenths(report.revenue, previous.revenue))) },
    ),
    say(
      [
        '{looking at the market,|in the wider industry,} <trend>',
        '{management follows|<we> follow<s>} <measure> and <measure> {in every segment|by segment}',
        'capital expenditure for the group {was|came to} <capex>, spent on <project> among other things',
      ],
      { capex: style.money(report.capitalExpenditure) },
    ),
  ];
  return compose([
    heading(scene, 'Segment information', 'Segments', 'Note 4. Operating segments', 'Revenue by segment'),
    opening,
    ...writer.sample(paragraphs, paragraphs.length),
    closing,
  ]);
}
