/** Liquidity and capital resources: where cash came from and where it went. */
import { debtOf, workingCapital } from '../economy/identities.ts';
import { compose } from '../grammar/writer.ts';
import { heading } from './heading.ts';
import { moved, shareTenths } from './movement.ts';
import { signed } from './report-sentences.ts';
import type { Scene } from './scene.ts';

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
