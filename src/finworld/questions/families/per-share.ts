/** Earnings per share, price to earnings, dividend yield and market value. */

import { operand, ratioAnswer, shown } from '../figure.ts';
import { inLanguages } from '../in-languages.ts';
import { worded } from '../wordings.ts';
import { perShareWords } from '../words/per-share.ts';
import { Working } from '../working.ts';

const topics = {
  earnings: 'earnings per share',
  priceToEarnings: 'price to earnings',
  dividendYield: 'dividend yield',
  marketValue: 'market value',
} as const;

export const perShare = inLanguages('per_share', perShareWords, (asked, locale, words) => {
  const { writer, split, company, history } = asked;
  // A ratio to a loss, or to next to nothing, has no meaning: then another year, or what needs no earnings.
  const years = [asked.report, ...writer.sample(history, history.length)];
  const earning = years.find((one) => one.netIncome >= one.shares / 10);
  const report = earning ?? asked.report;
  const asks = writer.pick(
    (['earnings', 'priceToEarnings', 'dividendYield', 'marketValue'] as const).filter((one) => {
      if (one === 'dividendYield') return report.dividendPerShare > 0;
      return one === 'marketValue' || earning !== undefined;
    }),
  );
  const income = locale.amount.of(report.netIncome);
  const shares = locale.shares(report.shares);
  const price = locale.price.of(report.sharePrice);
  const dividend = locale.price.of(report.dividendPerShare);
  const working = new Working();
  const answer = () => {
    const earned = `${operand(income)} / ${operand(shares)}`;
    switch (asks) {
      case 'earnings':
        return locale.price.answer(working.work(words.steps.earnings, earned, 2));
      case 'priceToEarnings':
        return locale.multiple(working.work(words.steps.priceToEarnings, `${operand(price)} / (${earned})`, 1));
      case 'dividendYield':
        return ratioAnswer(working.work('', `${operand(dividend)} / ${operand(price)} * 100`, 1), '%');
      case 'marketValue':
        return locale.amount.answer(working.work('', `${operand(shares)} * ${operand(price)}`, 1));
    }
  };
  const worked = answer();
  const slots = { company: company.shortName, year: report.year };
  const { text: question, wording } = worded<string>(writer, split, words[asks], slots);
  const facts = words.facts.map((fact) =>
    writer.phrase<string>([fact], {
      ...{ income: locale.amount.answer(income).text, shares: shown(shares) },
      ...{ price: locale.price.answer(price).text, dividend: locale.price.answer(dividend).text },
    }),
  );
  const named = { company: company.name, year: report.year };
  const context = writer.chance(0.5)
    ? [
        writer.phrase<string>([words.title], named),
        ...writer.sample(facts, facts.length).map((fact) => `- ${locale.sentence(fact)}`),
      ].join('\n')
    : locale.sentence(
        writer.phrase<string>(words.prose, {
          ...named,
          facts: writer.sample(facts, facts.length).join(words.separator),
        }),
      );
  return {
    ...{ context, question, answer: worked, steps: working.steps },
    ...{ topic: topics[asks], wording: `${topics[asks]}/${wording}` },
  };
});
