/** Net present value and internal rate of return of a project whose flows come at the ends of years. */
import type { Family } from '../family.ts';
import { argument, type Figure, inMillions, moneyAnswer, operand, ratioAnswer, shown } from '../figure.ts';
import { worded } from '../wordings.ts';
import { Working } from '../working.ts';

const wordings = {
  'net present value': {
    common: [
      'What is the net present value of the project of <company>?',
      'Work out the NPV of the project of <company> at its cost of capital.',
    ],
    heldout: ['How much value, discounted to today, does the project add to <company>?'],
  },
  'present value': {
    common: ['What are the inflows of the project of <company> worth today?'],
    heldout: ['Work out the present value of all inflows of the project of <company>.'],
  },
  'internal rate of return': {
    common: [
      'What is the internal rate of return of the project of <company>?',
      'At which discount rate is the project of <company> worth nothing?',
    ],
    heldout: ['Work out the IRR of the project of <company>.'],
  },
} as const;

const topics = ['net present value', 'net present value', 'present value', 'internal rate of return'] as const;

export const presentValue: Family = {
  kind: 'present_value',
  write({ writer, split, company, report }) {
    const years = writer.between(2, 5);
    const outlay = inMillions.of(Math.max(1000, Math.round(report.revenue / writer.between(15, 60))));
    // Inflows of a little more than the outlay in all, so that there is a rate at which they are worth the outlay.
    const inflows = Array.from({ length: years }, (): Figure => {
      const units = Math.ceil((outlay.units * writer.between(105, 190)) / (100 * years));
      return { units, decimals: outlay.decimals };
    });
    const rate: Figure = { units: writer.between(8, 30) * 5, decimals: 1 };
    const topic = writer.pick(topics);
    const working = new Working();
    const flows = inflows.map(argument).join(', ');
    const answer = () => {
      if (topic === 'internal rate of return') {
        return ratioAnswer(working.work('', `irr(-${argument(outlay)}, ${flows}) * 100`, 1), '%');
      }
      const present = `npv(${operand(rate)}%, ${flows})`;
      const worth =
        topic === 'present value'
          ? working.work('Present value of the inflows', present, 2)
          : working.work('Net present value', `${present} - ${operand(outlay)}`, 2);
      return moneyAnswer(worth, 'million');
    };
    const context = writer.say(
      [
        '<company> plans <project>: it costs $<outlay> million now and brings {cash of |}<inflows>. The cost of capital is <rate>%',
        'for <project>, <company> pays $<outlay> million today and {expects|receives} <inflows>. It discounts at <rate>%',
      ],
      {
        company: company.name,
        project: writer.pick(company.sector.projects),
        outlay: shown(outlay),
        rate: shown(rate),
        inflows: inflows
          .map((flow, i) => `$${shown(flow)} million after ${i + 1} ${i === 0 ? 'year' : 'years'}`)
          .join(', '),
      },
    );
    const { text: question, wording } = worded(writer, split, wordings[topic], { company: company.shortName });
    return { context, question, answer: answer(), steps: working.steps, topic, wording: `${topic}/${wording}` };
  },
};
