/** Amounts in another currency, and growth with and without the change of the rate. */
import type { Case, Written } from '../family.ts';
import { type Figure, inMillions, operand, ratioAnswer, shown } from '../figure.ts';
import { inLanguages } from '../in-languages.ts';
import type { Locale } from '../languages/locale.ts';
import { worded } from '../wordings.ts';
import { currencyWords } from '../words/currency.ts';
import { Working } from '../working.ts';

type Words = (typeof currencyWords)['en'];

function draw({ writer, report, company }: Case, { price }: Locale, { currencies, decimals }: Words) {
  const currency = writer.pick(currencies);
  const thousands = Math.max(1000, Math.round(report.revenue / writer.between(3, 20)));
  const amount = inMillions.of(thousands);
  const [rate, later] = [1, 2].map((): Figure => {
    return { units: Math.round((currency.around * writer.between(900, 1100)) / 1000), decimals };
  });
  const slots = {
    ...{ company: company.name, year: report.year, before: report.year - 1 },
    ...{ name: currency.name, one: currency.one, amount: shown(amount) },
    ...{ rate: price.answer(rate).text, later: price.answer(later).text },
  };
  return { currency, rate, later, thousands, amount, slots };
}

function converted(asked: Case, locale: Locale, words: Words): Written {
  const { writer, split, company } = asked;
  const { rate, amount, slots } = draw(asked, locale, words);
  const working = new Working();
  const answer = locale.exchanged.answer(working.work('', `${operand(amount)} * ${operand(rate)}`, 1));
  const context = locale.sentence(writer.phrase<string>(words.sales, slots));
  const { text: question, wording } = worded<string>(writer, split, words.toLocal, { company: company.shortName });
  return { context, question, answer, steps: working.steps, topic: 'to dollars', wording };
}

function exchanged(asked: Case, locale: Locale, words: Words): Written {
  const { writer, split, company } = asked;
  const { currency, rate, thousands, slots } = draw(asked, locale, words);
  const working = new Working();
  const amount = locale.exchanged.of(thousands);
  const foreign = working.work('', `${operand(amount)} / ${operand(rate)}`, 1);
  const local = locale.exchanged.answer(amount).text;
  const context = locale.sentence(writer.phrase<string>(words.exchange, { ...slots, local }));
  const named = { company: company.shortName, currency: currency.name };
  const { text: question, wording } = worded<string>(writer, split, words.fromLocal, named);
  const text = words.foreign(shown(foreign), currency.name);
  const answer = { ...locale.exchanged.answer(foreign), text };
  return { context, question, answer, steps: working.steps, topic: 'from dollars', wording };
}

function grown(asked: Case, locale: Locale, words: Words): Written {
  const { writer, split, company, report } = asked;
  const { rate, later, amount, slots } = draw(asked, locale, words);
  const next: Figure = { ...amount, units: Math.round((amount.units * writer.between(850, 1250)) / 1000) };
  const working = new Working();
  const localIn = (year: number, sales: Figure, at: Figure): string => {
    const label = locale.ofYear(words.steps.local, year);
    return working.exactly(label, `${operand(sales)} * ${operand(at)}`, sales.decimals + at.decimals).operand;
  };
  const before = localIn(report.year - 1, amount, rate);
  const after = localIn(report.year, next, later);
  const growth = working.work(words.steps.growth, `(${after} / ${before} - 1) * 100`, 1);
  const context = locale.sentence(writer.phrase<string>(words.twoYears, { ...slots, next: shown(next) }));
  const { text: question, wording } = worded<string>(writer, split, words.growth, { company: company.shortName });
  const answer = ratioAnswer(growth, '%');
  return { context, question, answer, steps: working.steps, topic: 'growth in dollars', wording };
}

export const currency = inLanguages('currency', currencyWords, (asked, locale, words) =>
  asked.writer.pick([converted, exchanged, grown])(asked, locale, words),
);
