/** Prices and yields of bonds with annual coupons, the next one in a year. */
import { grouped } from '../../grammar/numbers.ts';
import type { Family } from '../family.ts';
import { argument, type Figure, figureOf, moneyAnswer, operand, ratioAnswer, rounded, shown } from '../figure.ts';
import { step } from '../step.ts';
import { worded } from '../wordings.ts';
import { Working } from '../working.ts';

const wordings = {
  price: {
    common: [
      'What is the price of the bond of <company> at a yield of <yield>%?',
      'At a yield of <yield>%, what should the bond of <company> cost?',
    ],
    heldout: ['The market asks for a yield of <yield>%. How much is the bond of <company> worth?'],
  },
  'yield to maturity': {
    common: [
      'The bond of <company> costs $<price>. What is its yield to maturity?',
      'At a price of $<price>, what does the bond of <company> yield to maturity?',
    ],
    heldout: ['Which yield to maturity does a price of $<price> mean for the bond of <company>?'],
  },
  'current yield': {
    common: ['The bond of <company> costs $<price>. What is its current yield, the coupon over the price?'],
    heldout: ['Of $<price> paid for the bond of <company>, how many percent come back as a coupon each year?'],
  },
} as const;

const topics = ['price', 'price', 'yield to maturity', 'current yield'] as const;

export const bonds: Family = {
  kind: 'bonds',
  write({ writer, split, company, report }) {
    const years = writer.between(2, 7);
    const face = writer.pick([100, 1000]);
    const rate: Figure = { units: writer.between(8, 36) * 25, decimals: 2 };
    const marketYield: Figure = { units: writer.between(8, 36) * 25, decimals: 2 };
    const topic = writer.pick(topics);
    const working = new Working();
    const coupon = working.exactly('Coupon', `${operand(rate)}% * ${face}`, 2).operand;
    const flows = [...Array(years - 1).fill(coupon), `${coupon} + ${face}`].join(', ');
    const priced = `npv(${operand(marketYield)}%, ${flows})`;
    const price = figureOf(step(rounded(priced, 2)).result, 2);
    const answer = () => {
      if (topic === 'price') return moneyAnswer(working.work('Price', priced, 2), '');
      const paid = operand(price);
      if (topic === 'current yield') {
        return ratioAnswer(working.work('Current yield', `${coupon} / ${paid} * 100`, 2), '%');
      }
      return ratioAnswer(working.work('Yield to maturity', `irr(-${argument(price)}, ${flows}) * 100`, 2), '%');
    };
    const context = writer.say(
      [
        '<company> has {issued|sold} a bond of <year> with a face value of $<face> and a coupon of <rate>%, paid once a year. It {matures|is repaid} in <years> years',
        'a bond of <company> from <year> pays <rate>% of its face value of $<face> every year and is repaid {in full |}after <years> years',
      ],
      { company: company.name, year: report.year, face: grouped(face), rate: shown(rate), years },
    );
    const slots = { company: company.shortName, yield: shown(marketYield), price: shown(price) };
    const { text: question, wording } = worded(writer, split, wordings[topic], slots);
    return { context, question, answer: answer(), steps: working.steps, topic, wording: `${topic}/${wording}` };
  },
};
