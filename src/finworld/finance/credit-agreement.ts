/** Paragraphs in the manner of a credit agreement, with covenants set around the borrower's actual ratios. */
import { debtOf } from '../economy/identities.ts';
import { decimal, ordinal, roundedQuotient } from '../grammar/numbers.ts';
import { compose } from '../grammar/writer.ts';
import type { Scene } from './scene.ts';

export function creditAgreement(scene: Scene): string {
  const { say, writer, report, style, macro, economy } = scene;
  const debt = debtOf(report);
  const ebitda = report.operatingIncome + report.depreciation;
  const size = Math.max(1000, 500 * Math.round((0.12 * report.revenue) / 500));
  const leverage = ebitda > 0 ? roundedQuotient(debt, ebitda, 10) : 0;
  const spread = 25 * writer.between(5, 14);
  const slots = {
    bank: `Bank of ${scene.company.headquarters}`,
    centralBank: economy.macro.bank,
    amount: style.money(size),
    term: writer.pick(['three', 'four', 'five', 'seven']),
    day: writer.pick(['31 March', '30 June', '30 September', '31 December']),
    spread: `${spread} basis points`,
    policy: `${decimal(macro.policyRate, 2)}%`,
    total: `${decimal(macro.policyRate + spread, 2)}%`,
    maximum: decimal(Math.max(20, leverage + writer.between(8, 20)), 1),
    minimum: decimal(writer.between(20, 35), 1),
    liquidity: style.money(Math.max(1, Math.round(report.cash / writer.between(3, 6)))),
    fee: `${writer.between(20, 60)} basis points`,
    cure: ordinal(writer.between(5, 10)),
    basket: style.money(Math.max(500, Math.round(size / 10))),
  };
  const definitions = [
    say(
      [
        'this agreement {is made|has been made|was entered into} between <company>, as borrower, and the <bank>, as lender{, with effect from <day> <year>|}',
        '<company> (the borrower) and the <bank> (the lender) {agree as follows|have agreed on the following terms}',
        'the <bank>, {hereafter the lender|as lender}, makes available to <company>, {hereafter the borrower|as borrower}, {a revolving credit facility|a term loan} of <amount>',
      ],
      slots,
    ),
    say(
      [
        'the facility amounts to <amount> and {ends|matures} <term> years after the signing date',
        'the commitment of the lender {is limited to|does not exceed} <amount>, and no amount may be drawn after the <term>-year term',
        'subject to the conditions below, the borrower may draw up to <amount> {in several advances|in one or more drawings} over <term> years',
      ],
      slots,
    ),
    say([
      'the borrower {shall|will} use the proceeds for {general corporate purposes, including <project>|the purchase of <input> and other working capital|the financing of <project>}',
      'proceeds may be {applied|used} only for {working capital|capital expenditure} and {not|never} for {dividends|share repurchases}',
    ]),
  ];
  const interest = [
    say(
      [
        'interest accrues at the policy rate of the <centralBank> plus a margin of <spread>; on the signing date, when the policy rate was <policy>, this {made|gave} a rate of <total> a year',
        'each advance bears interest at a rate equal to the policy rate, currently <policy>, plus <spread>, {that is|or} <total> in all',
        'the rate of interest is the sum of the policy rate (<policy>) and the margin (<spread>), which {amounts to|makes} <total>',
      ],
      slots,
    ),
    say(
      [
        'interest is {payable|due} {quarterly in arrears|at the end of each quarter}, {on the basis of|and is computed on} a year of 360 days',
        'a commitment fee of <fee> a year is {payable|due} on the undrawn part of the facility',
        'on overdue amounts, the rate {rises|increases} by {two percentage points|200 basis points}',
      ],
      slots,
    ),
  ];
  const covenants = [
    say(
      [
        'the borrower {shall|will} ensure that the ratio of debt to earnings before interest, tax and depreciation does not exceed <maximum> to 1{ on any <day>|}',
        'leverage, {defined as|meaning} debt divided by earnings before interest, tax and depreciation, {must not exceed|shall at no time be more than} <maximum>',
      ],
      slots,
    ),
    ebitda > 0 && debt > 0
      ? say(
          [
            'for the year <year>, debt was <debt> and earnings before interest, tax and depreciation were <ebitda>, {a ratio of|which gives} <ratio>',
            'the ratio for <year>, computed from debt of <debt> and earnings before interest, tax and depreciation of <ebitda>, was <ratio>',
          ],
          { debt: style.money(debt), ebitda: style.money(ebitda), ratio: decimal(leverage, 1) },
        )
      : '',
    say(
      [
        'interest cover, {the ratio of|that is} operating income to interest expense, {shall|must} not fall below <minimum>',
        'the borrower {shall|must} {hold|maintain} cash of at least <liquidity> at the end of each quarter',
        'operating income {shall|must} {remain|be} at least <minimum> times interest expense, tested {every quarter|twice a year}',
      ],
      slots,
    ),
  ];
  const undertakings = writer
    .sample(
      [
        () =>
          say([
            'the borrower {shall|will} deliver audited {annual statements|accounts} within {90|120} days after the end of each year',
            '{a certificate|a statement} signed by <cfo> {shall|must} accompany each set of accounts and confirm {compliance|that no default has occurred}',
          ]),
        () =>
          say([
            'without the consent of the lender, the borrower may not {grant security over|sell|pledge} its <site>',
            'the borrower {shall|will} not {grant|create} any {mortgage|security} over its <site>, except in the ordinary course of business',
          ]),
        () =>
          say([
            'dividends may be paid only if no default {exists|has occurred} and {leverage stays|the ratio of debt stays} below the {agreed|stated} limit',
            'no dividend {shall|may} be declared while {an event of default|a default} {continues|is continuing}',
          ]),
        () =>
          say([
            'the borrower {shall|will} keep its <site> insured {at replacement cost|with sound insurers}',
            'the borrower {shall|will} {hold|maintain} every licence that a <maker> needs',
          ]),
        () =>
          say(
            [
              'new debt other than {trade credit|leases} is {limited to|permitted up to} <basket>',
              'the borrower may {incur|take on} further debt of up to <basket> {without consent|without asking the lender}',
            ],
            slots,
          ),
      ],
      3,
    )
    .map((clause) => clause());
  const defaults = [
    say(
      [
        'an event of default occurs if {a payment is not made|any amount remains unpaid} by the <cure> day after its due date',
        'failure to pay {principal or interest|an amount due} by the <cure> business day is an event of default',
      ],
      slots,
    ),
    say([
      '{in that case|if an event of default continues}, the lender may {cancel the commitment|declare all amounts due at once|demand immediate repayment}',
      'the lender may then {terminate|cancel} the facility and {enforce|call on} any security',
      'a breach of a covenant {is cured|shall be deemed cured} if {shareholders contribute new equity|the borrower repays enough debt} within {thirty|forty-five} days',
    ]),
    say([
      'this agreement is governed by the law of <country>',
      '{courts|the courts} of <country> have {exclusive|sole} jurisdiction over {disputes|any dispute}',
      'a change of control of <short>{, for instance through a bid by <competitor>,|} allows the lender to {cancel|call} the facility',
    ]),
  ];
  return compose([
    writer.vary('{Credit agreement|Facility agreement: summary of terms|Terms of the loan|Loan agreement|}'),
    definitions,
    interest,
    covenants,
    undertakings,
    defaults,
  ]);
}
