/** Depreciation and book value: straight line, and declining balance at a fixed rate. */
import type { Family } from '../family.ts';
import { type Figure, inThousands, moneyAnswer, operand, shown } from '../figure.ts';
import { worded } from '../wordings.ts';
import { Working } from '../working.ts';

const wordings = {
  'straight-line charge': {
    common: [
      'What is the yearly depreciation of <company> on it, straight line?',
      'With straight-line depreciation, how much does <company> write off each year?',
    ],
    heldout: ['Work out what <company> charges as depreciation every year by the straight-line method.'],
  },
  'straight-line book value': {
    common: ['What is the book value after <count> years at <company>, with straight-line depreciation?'],
    heldout: ['By the straight-line method, what does <company> still carry it at when <count> years have passed?'],
  },
  'declining-balance charge': {
    common: ['How much does <company> write off in year <count>, by declining balance at <rate>%?'],
    heldout: ['With a declining balance at <rate>%, which depreciation does <company> charge in year <count>?'],
  },
  'declining-balance book value': {
    common: ['What is the book value after <count> years at <company>, by declining balance at <rate>%?'],
    heldout: [
      'With a declining balance at <rate>%, what does <company> still carry it at when <count> years have passed?',
    ],
  },
} as const;

const topics = Object.keys(wordings) as (keyof typeof wordings)[];

export const depreciation: Family = {
  kind: 'depreciation',
  write({ writer, split, company, report }) {
    const life = writer.between(4, 12);
    const cost = inThousands.of(writer.between(20, 990) * 10);
    const residual = inThousands.of(Math.floor((cost.units * writer.between(0, 15)) / 1000) * 10);
    const rate = writer.pick([10, 15, 20, 25, 30, 40]);
    const count = writer.between(2, Math.min(5, life - 1));
    const topic = writer.pick(topics);
    const working = new Working();
    const [paid, left] = [cost, residual].map(operand);
    const value = (): Figure => {
      if (topic.startsWith('straight')) {
        const base = working.exactly('To write off', `${paid} - ${left}`, 0).operand;
        if (topic === 'straight-line charge') return working.work('Depreciation a year', `${base} / ${life}`, 1);
        return working.work('Book value', `${paid} - ${base} * ${count} / ${life}`, 1);
      }
      if (topic === 'declining-balance book value') return working.work('', `${paid} * (1 - ${rate}%) ^ ${count}`, 1);
      const before = working.exactly('Book value before', `${paid} * (1 - ${rate}%) ^ ${count - 1}`, 8);
      return working.work('Depreciation', `${before.operand} * ${rate}%`, 1);
    };
    const context = writer.say(
      [
        '<company> {bought|installed} equipment for its <site> in <year> for $<cost> thousand. It will be used for <life> years and then be worth $<residual> thousand',
        'in <year>, <company> paid $<cost> thousand for equipment of its <site>. Its useful life is <life> years, its residual value $<residual> thousand',
      ],
      {
        company: company.name,
        site: writer.pick(company.sector.sites),
        year: report.year,
        cost: shown(cost),
        life,
        residual: shown(residual),
      },
    );
    const { text: question, wording } = worded(writer, split, wordings[topic], {
      company: company.shortName,
      count,
      rate,
    });
    return {
      context,
      question,
      answer: moneyAnswer(value(), 'thousand'),
      steps: working.steps,
      topic,
      wording: `${topic}/${wording}`,
    };
  },
};
