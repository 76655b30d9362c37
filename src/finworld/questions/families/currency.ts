/** Amounts in another currency, and growth with and without the change of the rate. */
import type { Case, Family, Written } from '../family.ts';
import { type Figure, inMillions, moneyAnswer, operand, ratioAnswer, shown } from '../figure.ts';
import { worded } from '../wordings.ts';
import { Working } from '../working.ts';

/** Dollars for one unit, in ten-thousandths, about which rates are drawn. */
const currencies = [
  { name: 'euros', one: 'euro', around: 10_850 },
  { name: 'pounds', one: 'pound', around: 12_700 },
  { name: 'Swiss francs', one: 'franc', around: 11_200 },
  { name: 'Canadian dollars', one: 'Canadian dollar', around: 7_400 },
] as const;

const toDollars = {
  common: ['How much is that in dollars?', 'What were the sales of <company> abroad in dollars?'],
  heldout: ['Convert the sales of <company> abroad to dollars.'],
} as const;
const fromDollars = {
  common: ['How much is that in <currency>?', 'What does <company> get in <currency>?'],
  heldout: ['Convert the amount that <company> exchanges to <currency>.'],
} as const;
const growthWordings = {
  common: [
    'By how many percent did these sales of <company> grow in dollars?',
    'What was the growth of these sales of <company>, measured in dollars?',
  ],
  heldout: ['Measured in dollars, how fast did these sales of <company> grow?'],
} as const;

function draw({ writer, report }: Case) {
  const currency = writer.pick(currencies);
  const rateAround = (): Figure => {
    return { units: Math.round((currency.around * writer.between(900, 1100)) / 1000), decimals: 4 };
  };
  const amount = inMillions.of(Math.max(1000, Math.round(report.revenue / writer.between(3, 20))));
  return { currency, rate: rateAround(), later: rateAround(), amount };
}

function converted(asked: Case): Written {
  const { writer, split, company, report } = asked;
  const { currency, rate, amount } = draw(asked);
  const working = new Working();
  const dollars = working.work('', `${operand(amount)} * ${operand(rate)}`, 1);
  const slots = { company: company.name, year: report.year, amount: shown(amount), ...currency, rate: shown(rate) };
  const context = writer.say(
    [
      '<company> sold goods for <amount> million <name> abroad in <year>. One <one> {was worth|cost} $<rate>',
      'in <year>, one <one> was $<rate>. Sales of <company> in that currency came to <amount> million <name>',
    ],
    slots,
  );
  const { text: question, wording } = worded(writer, split, toDollars, { company: company.shortName });
  return {
    context,
    question,
    answer: moneyAnswer(dollars, 'million'),
    steps: working.steps,
    topic: 'to dollars',
    wording,
  };
}

function exchanged(asked: Case): Written {
  const { writer, split, company, report } = asked;
  const { currency, rate, amount } = draw(asked);
  const working = new Working();
  const foreign = working.work('', `${operand(amount)} / ${operand(rate)}`, 1);
  const slots = { company: company.name, year: report.year, amount: shown(amount), ...currency, rate: shown(rate) };
  const context = writer.say(
    [
      'to pay a supplier, <company> exchanges $<amount> million to <name> in <year>. One <one> {is worth|costs} $<rate>',
      'one <one> cost $<rate> in <year>, when <company> exchanged $<amount> million to <name>',
    ],
    slots,
  );
  const { text: question, wording } = worded(writer, split, fromDollars, {
    company: company.shortName,
    currency: currency.name,
  });
  const { text, ...answer } = moneyAnswer(foreign, 'million');
  const inCurrency = { ...answer, text: `${text.replace('$', '')} ${currency.name}` };
  return { context, question, answer: inCurrency, steps: working.steps, topic: 'from dollars', wording };
}

function grown(asked: Case): Written {
  const { writer, split, company, report } = asked;
  const { currency, rate, later, amount } = draw(asked);
  const next: Figure = { ...amount, units: Math.round((amount.units * writer.between(850, 1250)) / 1000) };
  const working = new Working();
  const before = working.exactly(`Dollars ${report.year - 1}`, `${operand(amount)} * ${operand(rate)}`, 5).operand;
  const after = working.exactly(`Dollars ${report.year}`, `${operand(next)} * ${operand(later)}`, 5).operand;
  const growth = working.work('Growth', `(${after} / ${before} - 1) * 100`, 1);
  const context = writer.say(
    [
      'sales of <company> abroad were <amount> million <name> in <before>, when one <one> cost $<rate>, and <next> million <name> in <year>, when it cost $<later>',
      '<company> abroad: <amount> million <name> of sales in <before> and <next> million in <year>. One <one> was worth $<rate> in <before> and $<later> in <year>',
    ],
    {
      ...{ company: company.name, ...currency, year: report.year, before: report.year - 1 },
      ...{ amount: shown(amount), next: shown(next), rate: shown(rate), later: shown(later) },
    },
  );
  const { text: question, wording } = worded(writer, split, growthWordings, { company: company.shortName });
  return {
    context,
    question,
    answer: ratioAnswer(growth, '%'),
    steps: working.steps,
    topic: 'growth in dollars',
    wording,
  };
}

export const currency: Family = {
  kind: 'currency',
  write: (asked) => asked.writer.pick([converted, exchanged, grown])(asked),
};
