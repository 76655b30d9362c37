/** Cost of goods sold and closing inventory: first in, first out, or at the weighted average. */
import { type Figure, operand } from '../figure.ts';
import { inLanguages } from '../in-languages.ts';
import { worded } from '../wordings.ts';
import { inventoryWords } from '../words/inventory.ts';
import { Working } from '../working.ts';

/** Units that came in together, at one cost. */
interface Lot {
  readonly units: number;
  readonly cost: Figure;
}

export const inventory = inLanguages('inventory', inventoryWords, (asked, locale, words) => {
  const { writer, split, company, report } = asked;
  const { price } = locale;
  const around = writer.between(200, 6000);
  const lots = Array.from({ length: writer.between(2, 3) }, (): Lot => {
    const cost = price.of(Math.round((around * writer.between(85, 120)) / 1000) * 10);
    return { units: writer.between(4, 60) * 10, cost };
  });
  const all = lots.reduce((sum, { units }) => sum + units, 0);
  const sold = writer.between(Math.ceil(all / 40), Math.floor(all / 10) - 1) * 10;
  const method = writer.pick(['fifo', 'average'] as const);
  const asks = writer.pick(['cost', 'closing'] as const);
  const working = new Working();
  const value = () => {
    const { decimals } = lots[0].cost;
    const available = working.exactly(words.steps.units, lots.map(({ units }) => units).join(' + '), 0).units;
    const wanted = asks === 'cost' ? sold : working.exactly(words.steps.left, `${available} - ${sold}`, 0).units;
    if (method === 'fifo') {
      return working.exactly(words.steps.value, fifo(asks === 'cost' ? lots : lots.toReversed(), wanted), decimals);
    }
    const costs = lots.map(({ units, cost }) => `${units} * ${operand(cost)}`).join(' + ');
    const total = working.exactly(words.steps.all, costs, decimals).operand;
    return working.work(words.steps.value, `${wanted} * ${total} / ${available}`, decimals);
  };
  const [opening, ...purchases] = lots;
  const written = ({ units, cost }: Lot) => ({ units, cost: price.answer(cost).text });
  const context = locale.sentence(
    writer.phrase<string>(words.contexts, {
      ...{ company: company.name, year: report.year, article: writer.between(11, 98), sold },
      ...written(opening),
      purchases: purchases.map((lot) => writer.phrase<string>([words.purchase], written(lot))).join(words.separator),
    }),
  );
  const slots = { company: company.shortName, method: words.methods[method] };
  const { text: question, wording } = worded<string>(writer, split, words[asks], slots);
  const booked = asks === 'cost' ? 'cost of goods sold' : 'closing inventory';
  return {
    ...{ context, question, answer: price.answer(value()), steps: working.steps },
    ...{ topic: `${booked}, ${inventoryWords.en.methods[method]}`, wording: `${asks}/${wording}` },
  };
});

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
