/** Prices and yields of bonds with annual coupons, the next one in a year. */
import { argument, type Figure, figureOf, operand, ratioAnswer, rounded, shown } from '../figure.ts';
import { inLanguages } from '../in-languages.ts';
import { step } from '../step.ts';
import { worded } from '../wordings.ts';
import { bondWords } from '../words/bonds.ts';
import { Working } from '../working.ts';

const topics = { price: 'price', toMaturity: 'yield to maturity', current: 'current yield' } as const;

export const bonds = inLanguages('bonds', bondWords, (asked, locale, words) => {
  const { writer, split, company, report } = asked;
  const years = writer.between(2, 7);
  const face = writer.pick([100, 1000]);
  const rate: Figure = { units: writer.between(8, 36) * 25, decimals: 2 };
  const marketYield: Figure = { units: writer.between(8, 36) * 25, decimals: 2 };
  const asks = writer.pick(['price', 'price', 'toMaturity', 'current'] as const);
  const working = new Working();
  const coupon = working.exactly(words.steps.coupon, `${operand(rate)}% * ${face}`, 2).operand;
  const flows = [...Array(years - 1).fill(coupon), `${coupon} + ${face}`].join(', ');
  const priced = `npv(${operand(marketYield)}%, ${flows})`;
  const price = figureOf(step(rounded(priced, 2)).result, 2);
  const answer = () => {
    if (asks === 'price') return locale.price.answer(working.work(words.steps.price, priced, 2));
    const paid = operand(price);
    const expression = asks === 'current' ? `${coupon} / ${paid} * 100` : `irr(-${argument(price)}, ${flows}) * 100`;
    return ratioAnswer(working.work(words.steps[asks], expression, 2), '%');
  };
  const context = locale.sentence(
    writer.phrase<string>(words.contexts, {
      ...{ company: company.name, year: report.year, face: locale.price.answer({ units: face, decimals: 0 }).text },
      ...{ rate: shown(rate), years },
    }),
  );
  const slots = { company: company.shortName, yield: shown(marketYield), price: locale.price.answer(price).text };
  const { text: question, wording } = worded<string>(writer, split, words[asks], slots);
  return {
    ...{ context, question, answer: answer(), steps: working.steps },
    ...{ topic: topics[asks], wording: `${topics[asks]}/${wording}` },
  };
});
