/** Concepts of the income statement, the balance sheet and the cash flow statement. */
import { debtOf, workingCapital } from '../../economy/identities.ts';
import { grouped } from '../../grammar/numbers.ts';
import { type Concept, positive } from './concept.ts';

export const statementConcepts: readonly Concept[] = [
  {
    term: 'revenue',
    definitions: [
      'the amount that customers owe for goods and services delivered in a period',
      'the top line of the income statement, before any cost is deducted',
    ],
    uses: [
      'it shows the size of a business and, compared over years, the pace of its growth',
      'most other lines of the income statement are read as a share of it',
    ],
    cautions: [
      'revenue is recorded when goods are delivered, which may be long before the cash arrives',
      'a rise in revenue bought with discounts may leave profit no higher',
    ],
    example: ({ report, previous, money, short }) =>
      `${short} recorded revenue of ${money(report.revenue)} in ${report.year}, after ${money(previous.revenue)} in ${previous.year}.`,
  },
  {
    term: 'gross profit',
    definitions: [
      'revenue less the direct cost of what was sold',
      'what remains of revenue once the cost of goods and services has been paid',
    ],
    uses: [
      'it has to pay for overheads, research, interest and tax',
      'it tells whether a product earns more than it costs to make',
    ],
    cautions: ['companies differ in what they count as a direct cost', 'it says nothing about overheads'],
    example: ({ report, money, short }) =>
      `with revenue of ${money(report.revenue)} and cost of revenue of ${money(report.costOfRevenue)}, ${short} had gross profit of ${money(report.grossProfit)}.`,
  },
  {
    term: 'gross margin',
    definitions: [
      'gross profit as a percentage of revenue',
      'the share of each dollar of revenue that is left after direct costs',
    ],
    uses: [
      'a stable gross margin suggests that a firm can pass higher costs on to its customers',
      'it allows firms of different size to be compared',
    ],
    cautions: [
      'margins of different industries cannot be compared directly',
      'a change in product mix can move it even if no price has changed',
    ],
    example: ({ report, money, share, short }) =>
      `dividing gross profit of ${money(report.grossProfit)} by revenue of ${money(report.revenue)} gives ${short} a gross margin of ${share(report.grossProfit, report.revenue)}.`,
  },
  {
    term: 'operating income',
    definitions: [
      'profit from running the business, before interest and tax',
      'gross profit less overheads, research and depreciation',
    ],
    uses: [
      'it can be compared between firms with different amounts of debt',
      'it shows what the operations earn by themselves',
    ],
    cautions: [
      'it leaves out interest, which may be large',
      'unusual items can make one year look better than the trend',
    ],
    example: ({ report, money, short }) =>
      report.operatingIncome > 0
        ? `in ${report.year}, ${short} turned gross profit of ${money(report.grossProfit)} into operating income of ${money(report.operatingIncome)}.`
        : `in ${report.year}, overheads exceeded gross profit of ${money(report.grossProfit)} at ${short}, so there was an operating loss of ${money(-report.operatingIncome)}.`,
  },
  {
    term: 'operating margin',
    definitions: [
      'operating income as a percentage of revenue',
      'the part of revenue that remains after all operating costs',
    ],
    uses: [
      'it shows how efficiently a business is run',
      'investors follow it from year to year to see whether costs are under control',
    ],
    cautions: ['it falls quickly when revenue falls and costs are fixed', 'a high margin invites competitors'],
    example: ({ report, money, share, short }) => {
      const income = positive(report.operatingIncome, Math.round(report.revenue / 10));
      return `operating income of ${money(income)} on revenue of ${money(report.revenue)}${report.operatingIncome > 0 ? `, as at ${short} in ${report.year},` : ''} is an operating margin of ${share(income, report.revenue)}.`;
    },
  },
  {
    term: 'net income',
    definitions: [
      'what is left for the owners after all costs, interest and tax',
      'the bottom line of the income statement',
    ],
    uses: [
      'it is the source of dividends and of retained earnings',
      'it links the income statement to the balance sheet',
    ],
    cautions: ['net income is not cash', 'a single sale of property can inflate it'],
    example: ({ report, money, short }) =>
      report.netIncome > 0
        ? `at ${short}, pre-tax income of ${money(report.pretaxIncome)} less tax of ${money(report.incomeTax)} left net income of ${money(report.netIncome)}.`
        : `${short} had a net loss of ${money(-report.netIncome)} in ${report.year}.`,
  },
  {
    term: 'earnings per share',
    definitions: [
      'net income divided by the number of shares outstanding',
      'the part of the profit that belongs to one share',
    ],
    uses: [
      'it is compared with the share price to judge whether a stock is cheap',
      'analysts forecast it and investors react when the result differs',
    ],
    cautions: [
      'it rises when shares are bought back, even if profit stays the same',
      'it takes no account of the capital needed to earn the profit',
    ],
    example: ({ report, money, cents, short }) =>
      report.netIncome > 0
        ? `net income of ${money(report.netIncome)} spread over ${grouped(report.shares)} thousand shares gave ${short} earnings per share of ${cents(report.earningsPerShare)}.`
        : `a net loss of ${money(-report.netIncome)} spread over ${grouped(report.shares)} thousand shares meant a loss per share of ${cents(-report.earningsPerShare)} at ${short}.`,
  },
  {
    term: 'depreciation',
    definitions: [
      'the yearly charge that spreads the cost of an asset over its useful life',
      'an expense that records the wear of buildings and machines',
    ],
    uses: [
      'it matches the cost of an asset with the years in which the asset earns revenue',
      'it reduces taxable income without using cash',
    ],
    cautions: ['the useful life is an estimate', 'a firm that invests less than its depreciation is slowly shrinking'],
    example: ({ round, money }) => {
      const years = round(4, 10, 1);
      const yearly = round(20, 400, 10);
      return `a machine that costs ${money(years * yearly)} and lasts ${years} years is depreciated by ${money(yearly)} a year.`;
    },
  },
  {
    term: 'the accounting equation',
    definitions: [
      'the rule that assets equal liabilities plus equity',
      'the identity on which every balance sheet rests',
    ],
    uses: [
      'each transaction changes at least two lines and keeps the equation true',
      'an error in the books shows up as a difference between both sides',
    ],
    cautions: [
      'the equation holds for book values, not for market values',
      'that the books balance does not prove that they are right',
    ],
    example: ({ report, money, short }) =>
      `at ${short}, assets of ${money(report.totalAssets)} matched liabilities of ${money(report.totalLiabilities)} and equity of ${money(report.totalEquity)}.`,
  },
  {
    term: 'equity',
    definitions: [
      'what the owners would have left if all assets were sold at book value and all debts paid',
      'assets less liabilities',
    ],
    uses: ['it absorbs losses before creditors suffer', 'lenders look at it to judge how much risk the owners share'],
    cautions: [
      'book equity may differ widely from what the market pays for the shares',
      'large dividends can leave it thin',
    ],
    example: ({ report, money, short }) =>
      `taking liabilities of ${money(report.totalLiabilities)} from assets of ${money(report.totalAssets)} left ${short} with equity of ${money(report.totalEquity)}.`,
  },
  {
    term: 'retained earnings',
    definitions: [
      'the profits of all years that were kept in the business instead of being paid out',
      'the running total of net income less dividends',
    ],
    uses: [
      'they finance growth without new shares or loans',
      'the balance moves each year by net income less dividends',
    ],
    cautions: ['retained earnings are not a pile of cash', 'repeated losses turn them into a deficit'],
    example: ({ report, money, short }) =>
      report.netIncome > 0 && report.opening.retainedEarnings > 0
        ? `${short} began ${report.year} with retained earnings of ${money(report.opening.retainedEarnings)}, added net income of ${money(report.netIncome)}, paid dividends of ${money(report.dividends)} and ended with ${money(report.retainedEarnings)}.`
        : 'a firm that begins with retained earnings of $900 thousand, earns $200 thousand and pays dividends of $50 thousand ends with $1,050 thousand.',
  },
  {
    term: 'working capital',
    definitions: [
      'the money tied up in receivables and stock, less what is owed to suppliers and staff',
      'the capital that daily business needs',
    ],
    uses: [
      'when it grows, cash leaves the business; when it shrinks, cash returns',
      'firms manage it by collecting faster, stocking less and paying later',
    ],
    cautions: [
      'a fast-growing firm can run out of cash because working capital grows too',
      'paying suppliers late may cost goodwill',
    ],
    example: ({ report, money, short }) =>
      `at ${short}, receivables of ${money(report.receivables)} and inventories of ${money(report.inventory)}, less payables of ${money(report.payables)} and accrued liabilities of ${money(report.accruedLiabilities)}, made working capital of ${workingCapital(report) < 0 ? 'minus ' : ''}${money(Math.abs(workingCapital(report)))}.`,
  },
  {
    term: 'inventory turnover',
    definitions: [
      'the number of times a year that the stock is sold and replaced',
      'cost of revenue divided by inventory',
    ],
    uses: [
      'a high turnover means that little cash is tied up in stock',
      'a falling turnover may warn of goods that do not sell',
    ],
    cautions: ['stock that is too lean leads to empty shelves', 'seasonal firms look different at each date'],
    example: ({ round, money, times }) => {
      const inventory = round(200, 900, 10);
      const cost = round(1500, 6000, 50);
      return `with cost of revenue of ${money(cost)} and inventory of ${money(inventory)}, stock turns over ${times(cost, inventory)} times a year.`;
    },
  },
  {
    term: 'days sales outstanding',
    definitions: [
      'the average number of days that customers take to pay',
      'receivables divided by revenue, multiplied by 365',
    ],
    uses: ['a lower figure means that revenue turns into cash sooner', 'it warns early of customers in difficulty'],
    cautions: ['one large invoice at year end can distort it', 'terms of payment differ between industries'],
    example: ({ report, money, short }) =>
      `receivables of ${money(report.receivables)} on revenue of ${money(report.revenue)} mean that customers of ${short} paid after about ${Math.round((report.receivables * 365) / report.revenue)} days.`,
  },
  {
    term: 'operating cash flow',
    definitions: [
      'the cash that the business itself produces in a period',
      'net income plus depreciation, less the growth of working capital',
    ],
    uses: [
      'it pays for investment, debt service and dividends',
      'compared with net income, it shows the quality of earnings',
    ],
    cautions: [
      'it can be lifted for a time by delaying payments',
      'it comes before capital expenditure, which may be unavoidable',
    ],
    example: ({ report, money, short }) =>
      report.operatingCashFlow > 0 && report.netIncome > 0
        ? `${short} earned ${money(report.netIncome)}, charged depreciation of ${money(report.depreciation)} and, after changes in working capital, produced ${money(report.operatingCashFlow)} of cash.`
        : 'net income of $400 thousand, depreciation of $150 thousand and an increase in working capital of $100 thousand give operating cash flow of $450 thousand.',
  },
  {
    term: 'free cash flow',
    definitions: [
      'operating cash flow less capital expenditure',
      'the cash that could be paid to owners and lenders without harming the business',
    ],
    uses: ['many investors value companies by it', 'it funds dividends, repurchases and the repayment of debt'],
    cautions: [
      'it is low in years of heavy investment, even for good companies',
      'cutting maintenance raises it only for a while',
    ],
    example: ({ report, money, short }) =>
      report.operatingCashFlow > report.capitalExpenditure
        ? `${short} had free cash flow of ${money(report.operatingCashFlow - report.capitalExpenditure)}: ${money(report.operatingCashFlow)} less ${money(report.capitalExpenditure)}.`
        : 'operating cash flow of $700 thousand less capital expenditure of $450 thousand leaves free cash flow of $250 thousand.',
  },
  {
    term: 'capital expenditure',
    definitions: [
      'money spent on assets that will serve for several years',
      'investment in buildings, machines and equipment',
    ],
    uses: [
      'it keeps old assets working and builds new ones',
      'it appears in the cash flow statement at once, and in income over time as depreciation',
    ],
    cautions: ['projects often cost more than planned', 'spending that brings no return destroys value'],
    example: ({ report, money, share, short }) =>
      `capital expenditure of ${money(report.capitalExpenditure)} was ${share(report.capitalExpenditure, report.revenue)} of revenue at ${short} in ${report.year}.`,
  },
  {
    term: 'return on equity',
    definitions: [
      "net income as a percentage of shareholders' equity",
      'the profit earned on the money that belongs to the owners',
    ],
    uses: [
      'it can be split into margin, asset turnover and leverage',
      'owners compare it with what they could earn elsewhere at similar risk',
    ],
    cautions: [
      'debt can raise it without any improvement in the business',
      'it is meaningless when equity is close to zero',
    ],
    example: ({ report, money, share, short }) => {
      const income = positive(report.netIncome, Math.round(report.totalEquity / 10));
      return `net income of ${money(income)} on equity of ${money(report.totalEquity)}${report.netIncome > 0 ? `, as at ${short},` : ''} is a return on equity of ${share(income, report.totalEquity)}.`;
    },
  },
  {
    term: 'return on assets',
    definitions: ['net income divided by total assets', 'the profit that each dollar of assets produces'],
    uses: [
      'it shows how well a firm employs everything it controls',
      'it is less affected by leverage than return on equity',
    ],
    cautions: [
      'old assets with low book values flatter it',
      'service firms need few assets and cannot be compared with utilities',
    ],
    example: ({ report, money, share, short }) => {
      const income = positive(report.netIncome, Math.round(report.totalAssets / 20));
      return `net income of ${money(income)} on assets of ${money(report.totalAssets)}${report.netIncome > 0 ? ` at ${short}` : ''} is a return of ${share(income, report.totalAssets)}.`;
    },
  },
  {
    term: 'asset turnover',
    definitions: ['revenue divided by total assets', 'the revenue that one dollar of assets brings in'],
    uses: [
      'retailers live on high turnover and low margins, utilities on the reverse',
      'it rises when a firm sells more with the same plant',
    ],
    cautions: [
      'a new factory lowers it before it raises revenue',
      'leasing instead of owning used to make it look better',
    ],
    example: ({ report, money, times, short }) =>
      `${short} had revenue of ${money(report.revenue)} on assets of ${money(report.totalAssets)}, a turnover of ${times(report.revenue, report.totalAssets)}.`,
  },
  {
    term: 'an accrual',
    definitions: [
      'revenue or a cost recorded when it arises, not when cash changes hands',
      'a difference between profit and cash that bookkeeping creates',
    ],
    uses: [
      'it puts effort and reward into the same period',
      'the accrued liabilities of a balance sheet are costs not yet paid',
    ],
    cautions: [
      'large accruals make profit depend on estimates',
      'profits with little cash behind them deserve a second look',
    ],
    example: ({ report, money, short }) =>
      `at the end of ${report.year}, ${short} had recorded accrued liabilities of ${money(report.accruedLiabilities)} for costs that it had not yet paid.`,
  },
  {
    term: 'the effective tax rate',
    definitions: ['income tax as a percentage of pre-tax income', 'the rate of tax that a company actually bears'],
    uses: ['it explains part of the distance between pre-tax and net income', 'analysts use it to forecast net income'],
    cautions: ['a low rate may not last', 'in a year of losses it has no meaning'],
    example: ({ report, money, share, short }) =>
      report.incomeTax > 0
        ? `income tax of ${money(report.incomeTax)} on pre-tax income of ${money(report.pretaxIncome)} was an effective rate of ${share(report.incomeTax, report.pretaxIncome)} at ${short}.`
        : 'tax of $50 thousand on pre-tax income of $200 thousand is an effective rate of 25%.',
  },
  {
    term: 'a fixed cost',
    definitions: [
      'a cost that does not change with the volume sold',
      'a charge, such as rent, that falls due whether or not anything is sold',
    ],
    uses: [
      'it makes profit rise faster than revenue in good years',
      'spreading it over more units lowers the cost of each unit',
    ],
    cautions: ['it makes profit fall faster than revenue in bad years', 'in the long run hardly any cost is fixed'],
    example: ({ round, money, cents }) => {
      const units = round(100, 500, 50);
      const fixed = round(200, 900, 100);
      return `fixed costs of ${money(fixed)} spread over ${units},000 units come to ${cents(Math.round((fixed * 100) / units))} a unit, rounded to the cent.`;
    },
  },
  {
    term: 'the break-even point',
    definitions: [
      'the volume of sales at which revenue just covers all costs',
      'the number of units beyond which a business makes a profit',
    ],
    uses: ['it tells how much must be sold before the first dollar is earned', 'planners use it to judge new products'],
    cautions: [
      'it assumes that price and unit cost stay the same',
      'it says nothing about whether so many units can be sold',
    ],
    example: ({ round, cents, money }) => {
      const margin = round(200, 900, 50);
      const units = round(10, 80, 5);
      return `if each unit earns ${cents(margin)} above its own cost and fixed costs are ${money((margin * units) / 100)}, the break-even point is ${units},000 units.`;
    },
  },
  {
    term: 'leverage',
    definitions: [
      'the use of debt to finance a business',
      'the degree to which assets are paid for with borrowed money',
    ],
    uses: [
      'it raises the return on equity when the business earns more than the interest',
      'lenders measure it as debt over earnings before interest, tax and depreciation',
    ],
    cautions: [
      'it magnifies losses just as it magnifies gains',
      'a highly leveraged firm has little room for error when revenue falls',
    ],
    example: ({ report, money, share, short }) =>
      `with debt of ${money(debtOf(report))} and assets of ${money(report.totalAssets)}, ${short} had financed ${share(debtOf(report), report.totalAssets)} of its assets by borrowing.`,
  },
  {
    term: 'interest cover',
    definitions: [
      'operating income divided by interest expense',
      'the number of times that a company could pay its interest out of operating income',
    ],
    uses: ['banks write minimum values of it into loan agreements', 'a falling figure is an early sign of stress'],
    cautions: ['operating income is not cash', 'cover looks comfortable in booms and thin in recessions'],
    example: ({ report, money, times, short }) =>
      report.operatingIncome > 0 && report.interestExpense > 0
        ? `operating income of ${money(report.operatingIncome)} covered interest of ${money(report.interestExpense)} ${times(report.operatingIncome, report.interestExpense)} times at ${short}.`
        : 'operating income of $600 thousand covers interest of $200 thousand 3.0 times.',
  },
];
