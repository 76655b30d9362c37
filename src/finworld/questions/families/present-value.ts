/** Net present value and internal rate of return of a project whose flows come at the ends of years. */
import { argument, type Figure, operand, ratioAnswer, shown } from '../figure.ts';
import { inLanguages } from '../in-languages.ts';
import { worded } from '../wordings.ts';
import { presentValueWords } from '../words/present-value.ts';
import { Working } from '../working.ts';

const topics = { net: 'net present value', gross: 'present value', internal: 'internal rate of return' } as const;

export const presentValue = inLanguages('present_value', presentValueWords, (asked, locale, words) => {
  const { writer, split, company, report } = asked;
  const { amount } = locale;
  const years = writer.between(2, 5);
  const outlay = amount.of(Math.max(1000, Math.round(report.revenue / writer.between(15, 60))));
  // Inflows of a little more than the outlay in all, so that there is a rate at which they are worth the outlay.
  const inflows = Array.from({ length: years }, (): Figure => {
    const units = Math.ceil((outlay.units * writer.between(105, 190)) / (100 * years));
    return { units, decimals: outlay.decimals };
  });
  const rate: Figure = { units: writer.between(8, 30) * 5, decimals: 1 };
  const asks = writer.pick(['net', 'net', 'gross', 'internal'] as const);
  const working = new Working();
  const flows = inflows.map(argument).join(', ');
  const answer = () => {
    if (asks === 'internal') {
      return ratioAnswer(working.work('', `irr(-${argument(outlay)}, ${flows}) * 100`, 1), '%');
    }
    const present = `npv(${operand(rate)}%, ${flows})`;
    const worth = asks === 'gross' ? present : `${present} - ${operand(outlay)}`;
    return amount.answer(working.work(words.steps[asks], worth, 2));
  };
  const inflow = (flow: Figure, i: number) =>
    writer.phrase<string>([words.inflow], { amount: amount.answer(flow).text, years: words.years(i + 1) });
  const context = locale.sentence(
    writer.phrase<string>(words.contexts, {
      company: company.name,
      project: writer.pick(words.projects ?? company.sector.projects),
      outlay: amount.answer(outlay).text,
      rate: shown(rate),
      inflows: inflows.map(inflow).join(words.separator),
    }),
  );
  const { text: question, wording } = worded<string>(writer, split, words[asks], { company: company.shortName });
  return {
    ...{ context, question, answer: answer(), steps: working.steps },
    ...{ topic: topics[asks], wording: `${topics[asks]}/${wording}` },
  };
});
