/** Concepts of credit, derivatives, corporate finance and the wider economy. */
import { debtOf } from '../../economy/identities.ts';
import { decimal, grouped } from '../../grammar/numbers.ts';
import type { Concept } from './concept.ts';

const dollars = (amount: number) => `$${grouped(amount)}`;

export const riskConcepts: readonly Concept[] = [
  {
    term: 'hedging',
    definitions: [
      'the taking of a position that gains when another one loses',
      'the practice of giving up some gain in order to avoid a loss',
    ],
    uses: ['an airline hedges jet fuel and an exporter hedges foreign currency', 'it makes cash flow easier to plan'],
    cautions: ['a hedge costs money and is seldom perfect', 'a hedge larger than the exposure is a speculation'],
    example: ({ round }) => {
      const price = round(40, 90, 5);
      const move = round(5, 20, 5);
      return `a buyer who has fixed a price of $${price} still pays $${price} when the market goes to $${price + move}, and saves $${move} a unit.`;
    },
  },
  {
    term: 'a forward contract',
    definitions: [
      'an agreement to buy or sell at a set price on a later date',
      'a private contract that fixes today the price of a future trade',
    ],
    uses: [
      'importers use it to know in advance what foreign goods will cost',
      'it can be tailored to any date and amount',
    ],
    cautions: ['the other side may fail to deliver', 'it forgoes the gain if prices move favourably'],
    example: ({ round }) => {
      const price = round(50, 120, 10);
      const later = price + round(5, 30, 5);
      return `who has agreed to buy at $${price} and sees the price at $${later} on the date gains $${later - price} a unit.`;
    },
  },
  {
    term: 'an option',
    definitions: [
      'the right, without the duty, to buy or sell at a fixed price',
      'a contract that limits the loss of its holder to the premium paid',
    ],
    uses: ['a call gains when the price rises and a put gains when it falls', 'it works like an insurance policy'],
    cautions: ['most options lose value with every day that passes', 'the seller can lose far more than the premium'],
    example: ({ round }) => {
      const strike = round(40, 90, 10);
      const premium = round(2, 6, 1);
      const end = strike + premium + round(2, 20, 2);
      return `a call with a strike of $${strike} that cost $${premium} earns $${end - strike - premium} when the share ends at $${end}.`;
    },
  },
  {
    term: 'an interest rate swap',
    definitions: [
      'an exchange of fixed for floating interest on the same sum',
      'a contract with which a borrower changes the kind of interest that it pays',
    ],
    uses: ['a firm with floating debt can fix its cost', 'banks use it to match assets and liabilities'],
    cautions: ['its value changes with market rates', 'both sides depend on each other until the end'],
    example: ({ round }) => {
      const sum = round(1, 9, 1);
      const fixed = round(3, 6, 1);
      const floating = fixed + round(1, 3, 1);
      return `on ${dollars(sum * 1_000_000)}, paying ${fixed}% fixed and receiving ${floating}% floating brings in ${dollars(sum * 10_000 * (floating - fixed))} a year.`;
    },
  },
  {
    term: 'credit risk',
    definitions: ['the danger that a borrower does not pay', "the possibility of loss from another party's failure"],
    uses: ['lenders price it into the interest rate', 'it is reduced by security, covenants and limits'],
    cautions: ['it shows itself late, often all at once', 'past payment is no guarantee of future payment'],
    example: ({ round }) => {
      const loans = round(100, 900, 100);
      const probability = round(1, 4, 1);
      const loss = round(40, 60, 10);
      return `on loans of ${dollars(loans * 1000)} with a default probability of ${probability}% and a loss of ${loss}% in default, the expected loss is ${dollars((loans * probability * loss) / 10)}.`;
    },
  },
  {
    term: 'a covenant',
    definitions: [
      'a promise in a loan agreement that limits what the borrower may do',
      'a condition that a borrower must keep until the loan is repaid',
    ],
    uses: ['it gives the lender an early warning', 'common forms limit leverage or demand a minimum of interest cover'],
    cautions: [
      'a breach lets the lender demand repayment',
      'conditions that are too tight tie the hands of good managers',
    ],
    example: ({ report, money, times, short }) =>
      report.operatingIncome + report.depreciation > 0
        ? `debt of ${money(debtOf(report))} over earnings before interest, tax and depreciation of ${money(report.operatingIncome + report.depreciation)} gave ${short} a ratio of ${times(debtOf(report), report.operatingIncome + report.depreciation)}, to be compared with the limit in its covenant.`
        : 'debt of $800 thousand over earnings before interest, tax and depreciation of $400 thousand is a ratio of 2.0, within a limit of 3.0.',
  },
  {
    term: 'collateral',
    definitions: [
      'property that a borrower pledges to secure a loan',
      'an asset that the lender may take if the loan is not repaid',
    ],
    uses: ['it lowers the interest rate', 'it lets young firms borrow before they have a record'],
    cautions: ['its value may fall just when it is needed', 'what is pledged to one lender is not available to others'],
    example: ({ round }) => {
      const value = round(200, 900, 100);
      const rate = round(50, 80, 10);
      return `a lender who advances ${rate}% against property worth ${dollars(value * 1000)} will lend up to ${dollars(value * rate * 10)}.`;
    },
  },
  {
    term: 'a mortgage',
    definitions: ['a loan secured on land or buildings', 'a long loan for the purchase of a house'],
    uses: [
      'it spreads the cost of a house over decades',
      'its rate links the decisions of a central bank to households',
    ],
    cautions: ['the house may be lost if payments stop', 'variable rates can rise'],
    example: ({ round }) => {
      const sum = round(100, 400, 50);
      const rate = round(2, 6, 1);
      return `at ${rate}%, the first year's interest on ${dollars(sum * 1000)} is ${dollars(sum * rate * 10)}, if nothing is repaid during the year.`;
    },
  },
  {
    term: 'amortisation of a loan',
    definitions: ['the repayment of a loan in instalments', 'the gradual reduction of a debt by regular payments'],
    uses: [
      'each payment covers interest first and then reduces the debt',
      'it protects lender and borrower from one large final payment',
    ],
    cautions: ['early payments reduce the debt only a little', 'missed payments add interest to the balance'],
    example: ({ round }) => {
      const sum = round(10, 60, 5) * 1000;
      const rate = round(3, 8, 1);
      const payment = (sum * rate) / 100 + round(1, 5, 1) * 500;
      return `on ${dollars(sum)} at ${rate}%, a yearly payment of ${dollars(payment)} covers interest of ${dollars((sum * rate) / 100)} and repays ${dollars(payment - (sum * rate) / 100)}.`;
    },
  },
  {
    term: 'inflation',
    definitions: ['a general and lasting rise of prices', 'the rate at which money loses its purchasing power'],
    uses: ['central banks raise rates to slow it', 'wage talks and rents follow it'],
    cautions: ['an average hides large differences between goods', 'once people expect it, it is hard to stop'],
    example: ({ scene, percent, money, round }) => {
      const basket = round(100, 900, 50);
      const rate = Math.max(10, scene.macro.inflation / 10);
      return `with inflation of ${percent(rate)}, a basket that cost ${money(basket * 10)} costs ${money(Math.round((basket * 10 * (1000 + rate)) / 1000))} a year later.`;
    },
  },
  {
    term: 'the real interest rate',
    definitions: ['the interest rate after inflation', 'what a lender gains in purchasing power'],
    uses: [
      'saving and investment depend on it more than on the quoted rate',
      'it is negative when prices rise faster than interest',
    ],
    cautions: ['expected inflation matters, and it cannot be observed', 'tax is paid on the quoted rate'],
    example: ({ round }) => {
      const nominal = round(30, 80, 5);
      const inflation = round(10, 30, 5);
      return `a rate of ${decimal(nominal, 1)}% with inflation of ${decimal(inflation, 1)}% is a real rate of about ${decimal(nominal - inflation, 1)}%.`;
    },
  },
  {
    term: 'the policy rate',
    definitions: [
      'the interest rate that a central bank sets',
      'the price at which banks can borrow from or lend to the central bank',
    ],
    uses: ['all other short rates follow it', 'raising it cools demand and lowering it supports demand'],
    cautions: ['it works with long delays', 'it cannot go far below zero'],
    example: ({ scene }) =>
      `at the end of ${scene.macro.year}, the policy rate of the ${scene.economy.macro.bank} stood at ${decimal(scene.macro.policyRate, 2)}%.`,
  },
  {
    term: 'gross domestic product',
    definitions: [
      'the value of all goods and services produced in a country in a period',
      'the broadest measure of economic activity',
    ],
    uses: ['its growth separates booms from recessions', 'debt and spending of a state are compared with it'],
    cautions: ['it leaves out unpaid work', 'first estimates are often revised'],
    example: ({ scene, percent }) =>
      `in ${scene.macro.year}, the economy of ${scene.economy.macro.country} ${scene.macro.growth < 0 ? 'shrank' : 'grew'} by ${percent(Math.abs(scene.macro.growth) / 10)}.`,
  },
  {
    term: 'a recession',
    definitions: [
      'a broad decline of economic activity that lasts for more than a few months',
      'a period in which output, jobs and spending fall together',
    ],
    uses: ['cyclical industries feel it first', 'central banks answer it with lower rates'],
    cautions: ['it is recognised only after it has begun', 'averages hide firms that do well in it'],
    example: ({ round }) => {
      const beta = round(10, 24, 2);
      const fall = round(1, 3, 1);
      return `a firm whose revenue moves ${decimal(beta, 1)} times as much as output loses about ${decimal(beta * fall, 1)}% of revenue when output falls by ${fall}%.`;
    },
  },
  {
    term: 'an exchange rate',
    definitions: [
      'the price of one currency in terms of another',
      'the number of units of foreign money that one unit of domestic money buys',
    ],
    uses: ['a weaker currency helps exporters and makes imports dearer', 'it balances the flows of trade and capital'],
    cautions: [
      'short-run moves are close to unpredictable',
      'firms with foreign debt suffer when their currency falls',
    ],
    example: ({ round }) => {
      const rate = round(11, 19, 1);
      const amount = round(100, 900, 100);
      return `at ${decimal(rate, 1)} foreign units to the dollar, ${dollars(amount)} buys ${grouped((amount * rate) / 10)} foreign units.`;
    },
  },
  {
    term: "a bank's net interest margin",
    definitions: [
      'the interest a bank earns less the interest it pays, as a share of its assets',
      'the difference between lending and deposit rates on which a bank lives',
    ],
    uses: [
      'it widens when rates rise faster for loans than for deposits',
      'it is the main source of income of most banks',
    ],
    cautions: ['a wide margin may reflect risky loans', 'it shrinks when the yield curve is flat'],
    example: ({ round }) => {
      const loans = round(40, 70, 5);
      const deposits = round(5, 30, 5);
      return `loans at ${decimal(loans, 1)}% financed by deposits at ${decimal(deposits, 1)}% leave a difference of ${decimal(loans - deposits, 1)} percentage points.`;
    },
  },
  {
    term: 'insurance',
    definitions: [
      'the transfer of a risk to a company that pools many of them',
      'a contract that pays when a stated loss occurs',
    ],
    uses: [
      'a small certain premium replaces a large uncertain loss',
      'it makes projects possible that nobody would dare alone',
    ],
    cautions: ['small print decides what is covered', 'people who are insured may take less care'],
    example: ({ round }) => {
      const value = round(100, 500, 50);
      const chance = round(2, 9, 1);
      return `if ${chance} of 1,000 houses worth ${dollars(value * 1000)} each burn down in a year, the premium must be at least ${dollars(value * chance)} per house.`;
    },
  },
  {
    term: 'an initial public offering',
    definitions: [
      "the first sale of a company's shares to the public",
      'the step by which a private company becomes a listed one',
    ],
    uses: ['it raises capital for growth', 'it lets founders and early investors sell part of their holdings'],
    cautions: [
      'listed companies must publish far more than private ones',
      'the first price is often too high or too low',
    ],
    example: ({ round, short }) => {
      const shares = round(2, 12, 1);
      const price = round(10, 40, 2);
      return `a company like ${short} that sells ${shares} million new shares at $${price} raises ${dollars(shares * price)} million before costs.`;
    },
  },
  {
    term: 'dilution',
    definitions: [
      "the reduction of each holder's part when new shares are issued",
      'the effect of more shares on earnings per share',
    ],
    uses: ['analysts count options and convertible bonds to foresee it', 'it is the cost of raising equity'],
    cautions: ['it does no harm if the new money earns enough', 'pay in shares hides it from the cash flow statement'],
    example: ({ round }) => {
      const before = round(40, 90, 10);
      const fresh = round(10, 30, 10);
      return `who owns 10 million of ${before} million shares and does not take part when ${fresh} million are issued goes from ${(1000 / before).toFixed(1)}% to ${(1000 / (before + fresh)).toFixed(1)}%.`;
    },
  },
  {
    term: 'goodwill',
    definitions: [
      'the part of a purchase price that exceeds the value of the net assets acquired',
      'an asset that arises only when one company buys another',
    ],
    uses: [
      'it stands for customers, people and reputation',
      'it is tested every year and written down if it has lost value',
    ],
    cautions: ['a write-down reveals that too much was paid', 'it cannot be sold by itself'],
    example: ({ round }) => {
      const net = round(200, 800, 50);
      const extra = round(50, 400, 50);
      return `a buyer who pays ${dollars(net + extra)} thousand for net assets of ${dollars(net)} thousand records goodwill of ${dollars(extra)} thousand.`;
    },
  },
  {
    term: 'a provision',
    definitions: [
      'a liability whose amount or date is uncertain',
      'a sum set aside in the books for a probable future cost',
    ],
    uses: [
      'it records warranty claims or clean-up costs before they are paid',
      'it keeps profit from looking better than it is',
    ],
    cautions: ['the amount is a judgement', 'managers may build it in good years and release it in bad ones'],
    example: ({ round }) => {
      const units = round(10, 90, 10);
      const rate = round(2, 6, 1);
      const cost = round(20, 60, 10);
      return `a maker that sold ${units},000 units, expects ${rate}% to be returned and pays $${cost} for each sets aside ${dollars((units * 1000 * rate * cost) / 100)}.`;
    },
  },
  {
    term: 'the current ratio',
    definitions: [
      'current assets divided by current liabilities',
      'a measure of how easily the debts of the coming year can be met',
    ],
    uses: ['suppliers look at it before granting credit', 'values above one mean that short assets exceed short debts'],
    cautions: ['stock that does not sell counts in full', 'retailers live well with low values'],
    example: ({ report, money, times, short }) => {
      const assets = report.cash + report.receivables + report.inventory;
      const debts = report.payables + report.accruedLiabilities + report.currentDebt;
      return `current assets of ${money(assets)} over current liabilities of ${money(debts)} gave ${short} a ratio of ${times(assets, debts)}.`;
    },
  },
  {
    term: 'debt service',
    definitions: ['the interest and repayments that fall due in a period', 'the cash that lenders receive in a year'],
    uses: ['banks compare it with operating cash flow', 'it comes before dividends'],
    cautions: ['a single large maturity can exceed a year of cash flow', 'refinancing is not always possible'],
    example: ({ report, money, short }) =>
      `interest of ${money(report.interestExpense)} and repayments of ${money(report.debtRepaid)} made debt service of ${money(report.interestExpense + report.debtRepaid)} at ${short} in ${report.year}.`,
  },
  {
    term: 'opportunity cost',
    definitions: ['the value of the best alternative that is given up', 'what a resource could have earned elsewhere'],
    uses: [
      'it belongs in every decision, although no invoice shows it',
      'cash at hand is not free, since it could have been invested',
    ],
    cautions: ['it is easy to overlook', 'it depends on knowing the alternatives'],
    example: ({ round }) => {
      const sum = round(10, 90, 10) * 1000;
      const rate = round(2, 6, 1);
      return `keeping ${dollars(sum)} in a drawer instead of in a deposit at ${rate}% costs ${dollars((sum * rate) / 100)} a year.`;
    },
  },
  {
    term: 'the economy of scale',
    definitions: ['the fall of unit cost as output grows', 'the advantage that large producers have over small ones'],
    uses: ['it explains why some industries have few competitors', 'purchasing, transport and research all show it'],
    cautions: ['beyond some size, organisation becomes costly', 'it tempts firms to build too much capacity'],
    example: ({ round }) => {
      const fixed = round(200, 800, 100);
      const units = round(20, 50, 10);
      return `if fixed costs are ${dollars(fixed * 1000)}, the cost per unit falls from $${(fixed / units).toFixed(2)} at ${units},000 units to $${(fixed / (2 * units)).toFixed(2)} at ${2 * units},000 units.`;
    },
  },
];
