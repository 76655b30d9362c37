/** Cost of goods sold and closing inventory: first in, first out, or at the weighted average. */
import type { Family } from '../family.ts';
import { type Figure, moneyAnswer, operand, shown } from '../figure.ts';
import { worded } from '../wordings.ts';
import { Working } from '../working.ts';

/** Units that came in together, at one cost. */
interface Lot {
  readonly units: number;
  readonly cost: Figure;
}

const wordings = {
  cost: {
    common: [
      'What is the cost of goods sold of <company>, <method>?',
      'With inventory valued <method>, what did the units that <company> sold cost?',
    ],
    heldout: ['Work out <method> what <company> has to book as cost of goods sold.'],
  },
  closing: {
    common: [
      'What is the closing inventory of <company> worth, <method>?',
      'With inventory valued <method>, what is left in stock at <company> worth?',
    ],
    heldout: ['Work out <method> the value of the units that <company> still has.'],
  },
} as const;

const methods = { fifo: 'first in, first out', average: 'at the weighted average cost' } as const;

export const inventory: Family = {
  kind: 'inventory',
  write({ writer, split, company, report }) {
    const around = writer.between(200, 6000);
    const lots = Array.from({ length: writer.between(2, 3) }, (): Lot => {
      const cost = { units: Math.round((around * writer.between(85, 120)) / 1000) * 10, decimals: 2 };
      return { units: writer.between(4, 60) * 10, cost };
    });
    const all = lots.reduce((sum, { units }) => sum + units, 0);
    const sold = writer.between(Math.ceil(all / 40), Math.floor(all / 10) - 1) * 10;
    const method = writer.pick(['fifo', 'average'] as const);
    const asks = writer.pick(['cost', 'closing'] as const);
    const working = new Working();
    const value = () => {
      const available = working.exactly('Units', lots.map(({ units }) => units).join(' + '), 0).units;
      const wanted = asks === 'cost' ? sold : working.exactly('Left', `${available} - ${sold}`, 0).units;
      if (method === 'fifo')
        return working.exactly('Value', fifo(asks === 'cost' ? lots : lots.toReversed(), wanted), 2);
      const costs = lots.map(({ units, cost }) => `${units} * ${operand(cost)}`).join(' + ');
      const total = working.exactly('Cost of all', costs, 2).operand;
      return working.work('Value', `${wanted} * ${total} / ${available}`, 2);
    };
    const [opening, ...purchases] = lots;
    const context = writer.say(
      [
        '<company> began <year> with <units> units of article <article> at $<cost> each. It bought <purchases>, and sold <sold> units',
        'stock of article <article> at <company> in <year>: <units> units at $<cost> to begin with, then <purchases> bought. <sold> units were sold',
      ],
      {
        ...{ company: company.name, year: report.year, article: writer.between(11, 98) },
        ...{ units: opening.units, cost: shown(opening.cost), sold },
        purchases: purchases.map(({ units, cost }) => `${units} units at $${shown(cost)}`).join(', then '),
      },
    );
    const slots = { company: company.shortName, method: methods[method] };
    const { text: question, wording } = worded(writer, split, wordings[asks], slots);
    const topic = `${asks === 'cost' ? 'cost of goods sold' : 'closing inventory'}, ${methods[method]}`;
    return {
      context,
      question,
      answer: moneyAnswer(value(), ''),
      steps: working.steps,
      topic,
      wording: `${asks}/${wording}`,
    };
  },
};

/** The first units of the lots, in their order. */
function fifo(lots: readonly Lot[], wanted: number): string {
  let left = wanted;
  return lots
    .flatMap(({ units, cost }) => {
      const taken = Math.min(units, left);
      left -= taken;
      return taken === 0 ? [] : [`${taken} * ${operand(cost)}`];
    })
    .join(' + ');
}
