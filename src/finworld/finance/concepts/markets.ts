/** Concepts of valuation, shares, bonds and portfolios. */
import { decimal, grouped } from '../../grammar/numbers.ts';
import type { Concept } from './concept.ts';

/** Round dollars. */
const dollars = (amount: number) => `$${grouped(amount)}`;

export const marketConcepts: readonly Concept[] = [
  {
    term: 'present value',
    definitions: [
      'what a future payment is worth today',
      'a future amount discounted at a rate that reflects time and risk',
    ],
    uses: [
      'it makes payments at different dates comparable',
      'every valuation of a bond, a share or a project rests on it',
    ],
    cautions: [
      'a small change of the discount rate matters a great deal for distant payments',
      'the future payment itself may be uncertain',
    ],
    example: ({ round }) => {
      const rate = round(2, 12, 1);
      const amount = round(100, 900, 100);
      return `at a rate of ${rate}%, ${dollars(amount)} due in one year is worth $${((amount * 100) / (100 + rate)).toFixed(2)} today.`;
    },
  },
  {
    term: 'net present value',
    definitions: [
      'the present value of all receipts of a project less the present value of all its costs',
      "the amount by which a project makes its owners richer in today's money",
    ],
    uses: ['a project with a positive value should be accepted', 'it ranks projects of different length and size'],
    cautions: ['forecasts of receipts tend to be optimistic', 'the choice of the discount rate can decide the answer'],
    example: ({ round }) => {
      const cost = round(100, 800, 50);
      const rate = round(4, 12, 2);
      const back = cost + round(20, 200, 10);
      return `a project that costs ${dollars(cost)} today and returns ${dollars(back)} in a year has, at ${rate}%, a net present value of $${((back * 100) / (100 + rate) - cost).toFixed(2)}.`.replace(
        '$-',
        'minus $',
      );
    },
  },
  {
    term: 'compound interest',
    definitions: [
      'interest that is paid on earlier interest as well as on the original sum',
      "growth in which each period's gain is added to the base of the next",
    ],
    uses: ['it makes savings grow faster and faster', 'it explains why long horizons favour investors'],
    cautions: ['debts compound as well as savings', 'fees compound against the investor'],
    example: ({ round }) => {
      const rate = round(2, 10, 1);
      const sum = round(1000, 9000, 1000);
      return `${dollars(sum)} at ${rate}% a year grows to $${decimal((sum / 100) * (100 + rate) ** 2, 2)} in two years.`;
    },
  },
  {
    term: 'simple interest',
    definitions: [
      'interest that is computed on the original sum only',
      'a charge equal to the sum times the rate times the number of years',
    ],
    uses: ['short loans are often priced this way', 'it is easy to check by hand'],
    cautions: ['for long periods it understates what compounding would give', 'quoted rates may hide fees'],
    example: ({ round }) => {
      const sum = round(1000, 9000, 500);
      const rate = round(2, 9, 1);
      const years = round(2, 6, 1);
      return `${dollars(sum)} at ${rate}% simple interest earns ${dollars((sum * rate * years) / 100)} over ${years} years.`;
    },
  },
  {
    term: 'the discount rate',
    definitions: [
      'the rate at which future payments are reduced to their value today',
      'the return that an investor demands for waiting and for bearing risk',
    ],
    uses: ['risky payments are discounted at a higher rate than safe ones', 'it rises and falls with the policy rate'],
    cautions: ['there is no single right rate', 'using one rate for all projects favours the risky ones'],
    example: ({ round }) => {
      const low = round(3, 5, 1);
      const high = low + round(3, 6, 1);
      return `$1,000 due in a year is worth $${(100000 / (100 + low)).toFixed(2)} at ${low}% but only $${(100000 / (100 + high)).toFixed(2)} at ${high}%.`;
    },
  },
  {
    term: 'the price-earnings ratio',
    definitions: [
      'the share price divided by earnings per share',
      'the number of years of current earnings that buyers pay for a share',
    ],
    uses: ['it compares the price of shares of different size', 'a high value means that investors expect growth'],
    cautions: ['it has no meaning for a company with losses', 'earnings at the top of a cycle make shares look cheap'],
    example: ({ report, cents, times, short }) =>
      report.earningsPerShare > 0
        ? `at a price of ${cents(report.sharePrice)} and earnings per share of ${cents(report.earningsPerShare)}, ${short} traded on a ratio of ${times(report.sharePrice, report.earningsPerShare)}.`
        : 'a share that costs $30.00 and earns $2.00 has a ratio of 15.0.',
  },
  {
    term: 'market capitalisation',
    definitions: [
      'the share price multiplied by the number of shares',
      "what the stock market as a whole pays for a company's equity",
    ],
    uses: ['it measures the size of listed companies', 'indices weight their members by it'],
    cautions: ['it moves with moods as well as with facts', 'it leaves out debt'],
    example: ({ report, cents, money, short }) =>
      `${grouped(report.shares)} thousand shares at ${cents(report.sharePrice)} gave ${short} a market capitalisation of ${money(Math.round((report.shares * report.sharePrice) / 100))}.`,
  },
  {
    term: 'a dividend',
    definitions: ['a payment of part of the profit to shareholders', 'cash that a company distributes to its owners'],
    uses: ['a steady dividend signals confidence', 'for many investors it is the main reason to hold a share'],
    cautions: ['it can be cut at any time', 'a payment that exceeds earnings cannot last'],
    example: ({ report, money, cents, short }) =>
      report.dividends > 0
        ? `${short} paid dividends of ${money(report.dividends)} in ${report.year}, or ${cents(report.dividendPerShare)} per share.`
        : `${short} paid no dividend in ${report.year} and kept its cash.`,
  },
  {
    term: 'the payout ratio',
    definitions: ['dividends as a percentage of net income', 'the share of profit that is distributed'],
    uses: [
      'mature companies have high ratios, growing ones low ratios',
      'what is not paid out adds to retained earnings',
    ],
    cautions: ['a ratio above 100% draws on the past', 'in a year of losses it cannot be computed'],
    example: ({ report, money, share, short }) =>
      report.dividends > 0 && report.netIncome > 0
        ? `dividends of ${money(report.dividends)} out of net income of ${money(report.netIncome)} were a payout ratio of ${share(report.dividends, report.netIncome)} at ${short}.`
        : 'dividends of $40 thousand out of net income of $100 thousand are a payout ratio of 40%.',
  },
  {
    term: 'dividend yield',
    definitions: [
      'the yearly dividend as a percentage of the share price',
      'the income that a share pays on the money invested in it',
    ],
    uses: ['investors compare it with the yield of bonds', 'it rises when the price falls and the dividend stays'],
    cautions: ['a very high yield often announces a cut', 'it ignores gains and losses of the price'],
    example: ({ report, cents, share, short }) =>
      report.dividendPerShare > 0
        ? `${short} paid ${cents(report.dividendPerShare)} on a price of ${cents(report.sharePrice)}, a yield of ${share(report.dividendPerShare, report.sharePrice)}.`
        : 'a dividend of $1.20 on a price of $40.00 is a yield of 3%.',
  },
  {
    term: 'a share repurchase',
    definitions: [
      'the purchase by a company of its own shares',
      'a way to return cash to shareholders by reducing the number of shares',
    ],
    uses: ['each remaining share owns a larger part of the company', 'it is more flexible than a dividend'],
    cautions: [
      'shares bought at high prices waste money',
      'it may serve managers whose pay depends on earnings per share',
    ],
    example: ({ round }) => {
      const before = round(50, 200, 10);
      const bought = round(5, 20, 5);
      const profit = before * round(1, 4, 1);
      return `if profit is ${dollars(profit)} million and the number of shares falls from ${before} million to ${before - bought} million, earnings per share rise from $${(profit / before).toFixed(2)} to $${(profit / (before - bought)).toFixed(2)}.`;
    },
  },
  {
    term: 'a bond',
    definitions: [
      'a tradable loan that pays fixed interest and is repaid at a set date',
      'a promise to pay coupons and, at the end, the face value',
    ],
    uses: ['governments and companies borrow with it from many lenders at once', 'savers use it for regular income'],
    cautions: ['its price falls when interest rates rise', 'the issuer may fail to pay'],
    example: ({ round }) => {
      const coupon = round(2, 9, 1);
      const years = round(3, 10, 1);
      return `a bond of $1,000 with a coupon of ${coupon}% pays $${coupon * 10} a year for ${years} years and then $1,000.`;
    },
  },
  {
    term: 'the yield to maturity',
    definitions: [
      'the single rate at which the payments of a bond are worth its price',
      'the return of a bond that is held to its last day',
    ],
    uses: ['it allows bonds with different coupons to be compared', 'it rises when the price falls'],
    cautions: ['it assumes that coupons can be reinvested at the same rate', 'default would make the return lower'],
    example: ({ round }) => {
      const coupon = round(2, 8, 1);
      const price = round(900, 990, 10);
      return `a one-year bond with a coupon of ${coupon}% that costs $${price} and pays $${grouped(1000 + 10 * coupon)} at the end yields ${(((1000 + 10 * coupon) / price - 1) * 100).toFixed(2)}%.`;
    },
  },
  {
    term: 'duration',
    definitions: [
      'the average time, weighted by present value, until a bond pays',
      'a measure of how strongly a bond reacts to interest rates',
    ],
    uses: [
      'multiplied by a change of yield, it estimates the change of price',
      'managers shorten it when they expect rates to rise',
    ],
    cautions: ['the estimate is good for small changes only', 'it does not measure the risk of default'],
    example: ({ round }) => {
      const duration = round(2, 9, 1);
      const move = round(25, 100, 25);
      return `a bond with a duration of ${duration} loses about ${decimal(duration * move, 2)}% of its value when yields rise by ${move} basis points.`;
    },
  },
  {
    term: 'convexity',
    definitions: [
      'the curvature in the relation between the price and the yield of a bond',
      'the correction that duration needs when yields move a lot',
    ],
    uses: [
      'it makes bonds gain more from falling yields than they lose from rising yields',
      'between two bonds of equal duration, investors prefer the one with more of it',
    ],
    cautions: ['bonds that can be called early may have negative values', 'it is worth little when yields hardly move'],
    example: ({ round }) => {
      const duration = round(5, 9, 1);
      return `with a duration of ${duration} and a fall in yields of two percentage points, duration alone predicts a gain of ${2 * duration}%; convexity makes the true gain larger.`;
    },
  },
  {
    term: 'the yield curve',
    definitions: [
      'the line that shows bond yields by maturity',
      'a picture of interest rates from short to long terms',
    ],
    uses: [
      'it usually slopes upwards, because lenders want a reward for waiting',
      'when it slopes downwards, many expect a recession',
    ],
    cautions: ['its signals come with long and uncertain delays', 'purchases by a central bank can bend it'],
    example: ({ round }) => {
      const short = round(100, 300, 25);
      const long = short + round(50, 200, 25);
      return `a two-year yield of ${decimal(short, 2)}% and a ten-year yield of ${decimal(long, 2)}% make a slope of ${long - short} basis points.`;
    },
  },
  {
    term: 'a credit spread',
    definitions: [
      'the extra yield that a risky borrower pays over a safe one',
      "the difference in yield between a company's bond and a government bond of the same maturity",
    ],
    uses: ['it widens when investors fear defaults', 'it prices the risk of one borrower against another'],
    cautions: [
      'it also contains a reward for poor liquidity',
      'it can change faster than the accounts of the borrower',
    ],
    example: ({ round }) => {
      const safe = round(150, 400, 25);
      const spread = round(75, 350, 25);
      return `if a government bond yields ${decimal(safe, 2)}% and a company bond ${decimal(safe + spread, 2)}%, the spread is ${spread} basis points.`;
    },
  },
  {
    term: 'a basis point',
    definitions: [
      'one hundredth of a percentage point',
      'the unit in which changes of interest rates and margins are quoted',
    ],
    uses: [
      'it avoids the confusion between percent and percentage points',
      'central banks usually move in steps of 25',
    ],
    cautions: [
      'a basis point of a large sum is still a lot of money',
      'a move in basis points is not a relative change',
    ],
    example: ({ round }) => {
      const from = round(100, 500, 25);
      const step = round(25, 75, 25);
      return `an increase from ${decimal(from, 2)}% to ${decimal(from + step, 2)}% is ${step} basis points.`;
    },
  },
  {
    term: 'volatility',
    definitions: ['the degree to which a price moves up and down', 'the standard deviation of returns over a period'],
    uses: ['it is the most common measure of market risk', 'the price of an option depends on it'],
    cautions: ['calm periods can end without warning', 'it treats gains and losses alike'],
    example: ({ round }) => {
      const move = round(2, 9, 1);
      return `a share that gains ${move}% in one month and loses ${move}% in the next has an average return of zero but a volatility of ${move}% a month.`;
    },
  },
  {
    term: 'diversification',
    definitions: [
      'the spreading of money over many assets that do not move together',
      'the reduction of risk by mixing investments',
    ],
    uses: ['losses on one asset are offset by gains on another', 'it lowers risk without lowering the expected return'],
    cautions: ['in a crisis many assets fall together', 'too many holdings become hard to follow'],
    example: ({ round }) => {
      const weight = round(2, 10, 1);
      return `an investor with ${weight}% of a portfolio in each share loses at most ${weight}% of the total if one of the companies fails.`;
    },
  },
  {
    term: 'correlation',
    definitions: [
      'a number between minus one and plus one that tells how far two series move together',
      'the tendency of two returns to rise and fall at the same time',
    ],
    uses: [
      'a low value makes two assets good companions in a portfolio',
      'risk models need it for every pair of assets',
    ],
    cautions: ['it changes over time', 'it does not prove that one series causes the other'],
    example: ({ round }) => {
      const risk = round(8, 20, 2);
      return `two equal holdings with a risk of ${risk}% each keep a risk of ${risk}% at a correlation of one, and have none at a correlation of minus one.`;
    },
  },
  {
    term: 'beta',
    definitions: [
      'the sensitivity of a share to the market as a whole',
      'the average move of a share when the market moves by one percent',
    ],
    uses: ['it enters the cost of equity', 'values above one mark shares that swing more than the market'],
    cautions: ['it is estimated from the past', 'it changes when a company takes on debt'],
    example: ({ round }) => {
      const beta = round(5, 18, 1);
      const move = round(2, 10, 1);
      return `with a beta of ${decimal(beta, 1)}, a market move of ${move}% goes with a move of about ${decimal(beta * move, 1)}% in the share.`;
    },
  },
  {
    term: 'the risk premium',
    definitions: [
      'the extra return that investors expect for bearing risk',
      'the difference between the expected return of an asset and the safe rate',
    ],
    uses: ['without it nobody would hold risky assets', 'it rises when investors are afraid'],
    cautions: ['it cannot be observed, only estimated', 'history may promise more than the future will pay'],
    example: ({ round }) => {
      const safe = round(1, 4, 1);
      const premium = round(3, 6, 1);
      return `if the safe rate is ${safe}% and shares are expected to return ${safe + premium}%, the premium is ${premium} percentage points.`;
    },
  },
  {
    term: 'the cost of equity',
    definitions: ['the return that shareholders require', 'the safe rate plus beta times the market risk premium'],
    uses: ['it discounts the cash that belongs to shareholders', 'managers must earn it or disappoint their owners'],
    cautions: [
      'different methods give different answers',
      'it is higher than the cost of debt, because shareholders are paid last',
    ],
    example: ({ round }) => {
      const safe = round(10, 40, 5);
      const beta = round(6, 16, 2);
      const premium = round(4, 6, 1);
      return `a safe rate of ${decimal(safe, 1)}%, a beta of ${decimal(beta, 1)} and a premium of ${premium}% make a cost of equity of ${decimal(safe + beta * premium, 1)}%.`;
    },
  },
  {
    term: 'the weighted average cost of capital',
    definitions: [
      'the mean of the costs of debt and equity, weighted by their share in financing',
      'the return that a company must earn to satisfy all who finance it',
    ],
    uses: ['it is the usual discount rate for a company as a whole', 'projects that earn less destroy value'],
    cautions: ['the weights should be market values', 'a project riskier than the firm needs a higher rate'],
    example: ({ round }) => {
      const debt = round(2, 5, 1) * 10;
      const costOfDebt = round(3, 6, 1);
      const costOfEquity = round(8, 12, 1);
      return `with ${debt}% debt at ${costOfDebt}% and ${100 - debt}% equity at ${costOfEquity}%, the average cost is ${decimal((debt * costOfDebt + (100 - debt) * costOfEquity) / 10, 1)}%, before tax.`;
    },
  },
  {
    term: 'liquidity',
    definitions: [
      'the ease with which an asset can be turned into cash without loss',
      'the ability to pay what falls due',
    ],
    uses: ['traders pay more for assets they can sell quickly', 'companies hold cash and credit lines to preserve it'],
    cautions: ['it vanishes when everyone wants to sell', 'cash earns little while it waits'],
    example: ({ report, money, times, short }) =>
      `cash of ${money(report.cash)} against payables of ${money(report.payables)} meant that ${short} could have paid its suppliers ${times(report.cash, Math.max(1, report.payables))} times over.`,
  },
];
