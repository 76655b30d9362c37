/** Return against risk: the Sharpe ratio of yearly returns, and value at risk from a history of daily ones. */
import type { Writer } from '../../grammar/writer.ts';
import type { Case, Family, Written } from '../family.ts';
import { type Figure, moneyAnswer, operand, ratioAnswer, shown } from '../figure.ts';
import { worded } from '../wordings.ts';
import { Working } from '../working.ts';

const tenths = (units: number): Figure => ({ units, decimals: 1 });
const percentages = (figures: readonly Figure[]): string => figures.map((figure) => `${shown(figure)}%`).join(', ');

const sharpeWordings = {
  given: {
    common: [
      'What is the Sharpe ratio of the share of <company>?',
      'How much return over the riskless rate did the share of <company> bring for each unit of volatility?',
    ],
    heldout: ['Work out the ratio of excess return to volatility for the share of <company>.'],
  },
  measured: {
    common: ['What is the Sharpe ratio of the share of <company>, with the sample standard deviation of these years?'],
    heldout: [
      'From these years, with their sample standard deviation, what Sharpe ratio does the share of <company> have?',
    ],
  },
} as const;

/** Mean, volatility and riskless rate are given (Sharpe 1994). */
function givenSharpe({ writer, split, company, report }: Case): Written {
  const [mean, riskless] = [tenths(writer.between(20, 180)), tenths(writer.between(5, 45))];
  const volatility = tenths(writer.between(90, 420));
  const working = new Working();
  const excess = working.exactly('Excess return', `${operand(mean)} - ${operand(riskless)}`, 1);
  const ratio = working.work('Sharpe ratio', `${excess.operand} / ${operand(volatility)}`, 2);
  const context = writer.say(
    [
      'until <year>, the share of <company> returned <mean>% a year on average, with a volatility of <volatility>%. The riskless rate was <riskless>%',
      'the riskless rate is <riskless>%. Up to <year>, the share of <company> had a mean yearly return of <mean>% and a standard deviation of <volatility>%',
    ],
    {
      year: report.year,
      company: company.name,
      mean: shown(mean),
      volatility: shown(volatility),
      riskless: shown(riskless),
    },
  );
  const { text: question, wording } = worded(writer, split, sharpeWordings.given, { company: company.shortName });
  return {
    context,
    question,
    answer: ratioAnswer(ratio, ''),
    steps: working.steps,
    topic: 'Sharpe ratio',
    wording: `given/${wording}`,
  };
}

/** Mean and volatility are worked out from four or five years. */
function measuredSharpe({ writer, split, company, report }: Case): Written {
  // The mean of so many ends after a few decimals, so that it is carried on whole.
  const returns = differentReturns(writer, writer.between(4, 5), 300);
  const riskless = tenths(writer.between(5, 45));
  const working = new Working();
  const mean = working.exactly('Mean', `avg(${returns.map(shown).join(', ')})`, 3).operand;
  const deviations = returns.map((one) => `(${operand(one)} - ${mean}) ^ 2`).join(' + ');
  const squares = working.exactly('Squares', deviations, 4).operand;
  const volatility = `sqrt(${squares} / ${returns.length - 1})`;
  const ratio = working.work('Sharpe ratio', `(${mean} - ${operand(riskless)}) / ${volatility}`, 2);
  const context = writer.say(
    [
      'the share of <company> returned <returns> in the <count> years to <year>. The riskless rate was <riskless>%',
      'returns of <company> in the last <count> years, to <year>: <returns>. A riskless deposit paid <riskless>%',
    ],
    {
      company: company.name,
      count: returns.length,
      year: report.year,
      returns: percentages(returns),
      riskless: shown(riskless),
    },
  );
  const { text: question, wording } = worded(writer, split, sharpeWordings.measured, { company: company.shortName });
  return {
    context,
    question,
    answer: ratioAnswer(ratio, ''),
    steps: working.steps,
    topic: 'Sharpe ratio',
    wording: `measured/${wording}`,
  };
}

const riskWordings = {
  common: [
    'What is the historical value at risk of the holding of shares of <company>, at <level>% for one day?',
    'By these days, which loss of the holding in <company> is the one-day value at risk at <level>%?',
  ],
  heldout: ['Work out the one-day VaR at <level>% of the position in <company> from its history.'],
} as const;

/** By convention the document says which of the worst days it is. */
function historicalRisk({ writer, split, company, report }: Case): Written {
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
  const context = writer.say(
    [
      'a fund holds shares of <company> worth $<holding> million. Their last <days> daily returns, in <year>: <returns>. Value at risk at <level>% is the loss on the <rank> of these days',
      'daily returns of <company> in <year>: <returns>. The position is worth $<holding> million; its value at risk at <level>% is taken from the <rank> of the <days> days',
    ],
    {
      company: company.name,
      holding: shown(holding),
      days,
      year: report.year,
      returns: percentages(returns),
      level,
      rank: rank === 1 ? 'worst' : 'second worst',
    },
  );
  const { text: question, wording } = worded(writer, split, riskWordings, { company: company.shortName, level });
  return {
    context,
    question,
    answer: moneyAnswer(loss, 'million'),
    steps: working.steps,
    topic: 'value at risk',
    wording,
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

export const risk: Family = {
  kind: 'risk',
  write: (asked) => asked.writer.pick([givenSharpe, measuredSharpe, historicalRisk])(asked),
};
