/** Earnings per share, price to earnings, dividend yield and market value. */
import type { AnnualReport } from '../../economy/statements.ts';
import { roundedQuotient } from '../../grammar/numbers.ts';
import type { Family } from '../family.ts';
import { type Figure, inMillions, moneyAnswer, operand, ratioAnswer, shown } from '../figure.ts';
import type { Answer } from '../question.ts';
import { type Wordings, worded } from '../wordings.ts';
import { Working } from '../working.ts';

/** Of a company, as the document shows them. */
interface Share {
  /** Millions of dollars. */
  readonly income: Figure;
  /** Millions. */
  readonly shares: Figure;
  /** Dollars. */
  readonly price: Figure;
  readonly dividend: Figure;
}

interface Topic {
  readonly topic: string;
  readonly wordings: Wordings<string>;
  readonly work: (working: Working, share: Share) => Answer;
}

const earned = ({ income, shares }: Share): string => `${operand(income)} / ${operand(shares)}`;

const topics: readonly Topic[] = [
  {
    topic: 'earnings per share',
    wordings: {
      common: [
        'What were the earnings per share of <company> in <year>?',
        'How much did <company> earn per share in <year>?',
      ],
      heldout: ['Work out the <year> EPS of <company>.'],
    },
    work: (working, share) => moneyAnswer(working.work('Earnings per share', earned(share), 2), ''),
  },
  {
    topic: 'price to earnings',
    wordings: {
      common: [
        'What was the price-to-earnings ratio of <company> at the end of <year>?',
        'At how many times its earnings per share of <year> did <company> trade?',
      ],
      heldout: ['Work out the P/E ratio of <company> for <year>.'],
    },
    work: (working, share) =>
      ratioAnswer(working.work('Price to earnings', `${operand(share.price)} / (${earned(share)})`, 1), 'x'),
  },
  {
    topic: 'dividend yield',
    wordings: {
      common: ['What was the dividend yield of <company> at the end of <year>?'],
      heldout: ['How many percent of its share price did <company> pay as a dividend in <year>?'],
    },
    work: (working, { dividend, price }) =>
      ratioAnswer(working.work('', `${operand(dividend)} / ${operand(price)} * 100`, 1), '%'),
  },
  {
    topic: 'market value',
    wordings: {
      common: ['What was the market value of <company> at the end of <year>?'],
      heldout: ['How much were all shares of <company> worth at the end of <year>?'],
    },
    work: (working, { shares, price }) =>
      moneyAnswer(working.work('', `${operand(shares)} * ${operand(price)}`, 1), 'million'),
  },
];

export const perShare: Family = {
  kind: 'per_share',
  write({ writer, split, company, history, report }) {
    // A ratio to a loss, or to next to nothing, has no meaning: then another year, or what needs no earnings.
    const years = [report, ...writer.sample(history, history.length)];
    const earning = years.find((one) => one.netIncome >= one.shares / 10);
    const asked = earning ?? report;
    const share = shareOf(asked);
    const { topic, wordings, work } = writer.pick(
      topics.filter((one) => {
        if (one.topic === 'dividend yield') return share.dividend.units > 0;
        return one.topic === 'market value' || earning !== undefined;
      }),
    );
    const working = new Working();
    const answer = work(working, share);
    const { text: question, wording } = worded(writer, split, wordings, {
      company: company.shortName,
      year: asked.year,
    });
    const facts = [
      `net income was ${moneyAnswer(share.income, 'million').text}`,
      `there were ${shown(share.shares)} million shares`,
      `the share closed at $${shown(share.price)}`,
      `the dividend was $${shown(share.dividend)} per share`,
    ];
    const context = writer.chance(0.5)
      ? `${company.name}, ${asked.year}\n${writer
          .sample(facts, facts.length)
          .map((fact) => `- ${fact[0].toUpperCase()}${fact.slice(1)}.`)
          .join('\n')}`
      : writer.say(['for <year>, <company> reports: <facts>', '<company> in <year>: <facts>'], {
          year: asked.year,
          company: company.name,
          facts: writer.sample(facts, facts.length).join('; '),
        });
    return { context, question, answer, steps: working.steps, topic, wording: `${topic}/${wording}` };
  },
};

function shareOf(report: AnnualReport): Share {
  return {
    income: inMillions.of(report.netIncome),
    shares: { units: roundedQuotient(report.shares, 100), decimals: 1 },
    price: { units: report.sharePrice, decimals: 2 },
    dividend: { units: report.dividendPerShare, decimals: 2 },
  };
}
