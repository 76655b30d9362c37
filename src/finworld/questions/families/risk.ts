/** Return against risk: the Sharpe ratio of yearly returns, and value at risk from a history of daily ones. */
import type { Writer } from '../../grammar/writer.ts';
import type { Case, Written } from '../family.ts';
import { type Figure, operand, ratioAnswer, shown } from '../figure.ts';
import { inLanguages } from '../in-languages.ts';
import type { Locale } from '../languages/locale.ts';
import { worded } from '../wordings.ts';
import { riskWords } from '../words/risk.ts';
import { Working } from '../working.ts';

type Words = (typeof riskWords)['en'];

const tenths = (units: number): Figure => ({ units, decimals: 1 });
const percentages = (figures: readonly Figure[], separator: string): string =>
  figures.map((figure) => `${shown(figure)}%`).join(separator);

/** Mean, volatility and riskless rate are given (Sharpe 1994). */
function givenSharpe({ writer, split, company, report }: Case, locale: Locale, words: Words): Written {
  const [mean, riskless] = [tenths(writer.between(20, 180)), tenths(writer.between(5, 45))];
  const volatility = tenths(writer.between(90, 420));
  const working = new Working();
  const excess = working.exactly(words.steps.excess, `${operand(mean)} - ${operand(riskless)}`, 1);
  const ratio = working.work(words.steps.ratio, `${excess.operand} / ${operand(volatility)}`, 2);
  const context = locale.sentence(
    writer.phrase<string>(words.givenContexts, {
      ...{ year: report.year, company: company.name },
      ...{ mean: shown(mean), volatility: shown(volatility), riskless: shown(riskless) },
    }),
  );
  const { text: question, wording } = worded<string>(writer, split, words.given, { company: company.shortName });
  return {
    ...{ context, question, answer: ratioAnswer(ratio, ''), steps: working.steps },
    ...{ topic: 'Sharpe ratio', wording: `given/${wording}` },
  };
}

/** Mean and volatility are worked out from four or five years. */
function measuredSharpe({ writer, split, company, report }: Case, locale: Locale, words: Words): Written {
  // The mean of so many ends after a few decimals, so that it is carried on whole.
  const returns = differentReturns(writer, writer.between(4, 5), 300);
  const riskless = tenths(writer.between(5, 45));
  const working = new Working();
  const mean = working.exactly(words.steps.mean, `avg(${returns.map(shown).join(', ')})`, 3).operand;
  const deviations = returns.map((one) => `(${operand(one)} - ${mean}) ^ 2`).join(' + ');
  const squares = working.exactly(words.steps.squares, deviations, 4).operand;
  const volatility = `sqrt(${squares} / ${returns.length - 1})`;
  const ratio = working.work(words.steps.ratio, `(${mean} - ${operand(riskless)}) / ${volatility}`, 2);
  const context = locale.sentence(
    writer.phrase<string>(words.measuredContexts, {
      ...{ company: company.name, count: returns.length, year: report.year },
      ...{ returns: percentages(returns, words.separator), riskless: shown(riskless) },
    }),
  );
  const { text: question, wording } = worded<string>(writer, split, words.measured, { company: company.shortName });
  return {
    ...{ context, question, answer: ratioAnswer(ratio, ''), steps: working.steps },
    ...{ topic: 'Sharpe ratio', wording: `measured/${wording}` },
  };
}

/** By convention the document says which of the worst days it is. */
function historicalRisk({ writer, split, company, report }: Case, locale: Locale, words: Words): Written {
  const { level, days, rank } = writer.pick([
    { level: 90, days: 10, rank: 1 },
    { level: 80, days: 10, rank: 2 },
    { level: 95, days: 20, rank: 1 },
    { level: 90, days: 20, rank: 2 },
  ]);
  const returns = differentReturns(writer, days, 45);
  const worst = [...returns].sort((a, b) => a.units - b.units)[rank - 1];
  const holding: Figure = { units: writer.between(2, 90) * 5, decimals: 1 };
  const working = new Working();
  const loss = working.work('', `${operand(holding)} * ${operand({ ...worst, units: -worst.units })}%`, 2);
  const context = locale.sentence(
    writer.phrase<string>(words.dailyContexts, {
      ...{ company: company.name, holding: locale.holding(holding).text, days, year: report.year, level },
      ...{ returns: percentages(returns, words.separator), rank: words.ranks[rank - 1] },
    }),
  );
  const { text: question, wording } = worded<string>(writer, split, words.atRisk, {
    ...{ company: company.shortName, level },
  });
  return {
    ...{ context, question, answer: locale.holding(loss), steps: working.steps },
    ...{ topic: 'value at risk', wording },
  };
}

/** No two are the same, so that the worst days are known; two of them are losses. */
function differentReturns(writer: Writer, count: number, most: number): Figure[] {
  const steps = Array.from({ length: 2 * most }, (_, i) => i - most + 1).filter((units) => units !== 0);
  const losses = writer.sample(
    steps.filter((units) => units < 0),
    2,
  );
  const others = writer.sample(
    steps.filter((units) => !losses.includes(units)),
    count - 2,
  );
  return writer.sample([...losses, ...others], count).map(tenths);
}

export const risk = inLanguages('risk', riskWords, (asked, locale, words) =>
  asked.writer.pick([givenSharpe, measuredSharpe, historicalRisk])(asked, locale, words),
);
