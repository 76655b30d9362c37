/** Depreciation and book value: straight line, and declining balance at a fixed rate. */
import { type Figure, inThousands, operand } from '../figure.ts';
import { inLanguages } from '../in-languages.ts';
import { worded } from '../wordings.ts';
import { depreciationWords } from '../words/depreciation.ts';
import { Working } from '../working.ts';

const topics = {
  straightCharge: 'straight-line charge',
  straightValue: 'straight-line book value',
  decliningCharge: 'declining-balance charge',
  decliningValue: 'declining-balance book value',
} as const;
const choices = Object.keys(topics) as (keyof typeof topics)[];

export const depreciation = inLanguages('depreciation', depreciationWords, (asked, locale, words) => {
  const { writer, split, company, report } = asked;
  const life = writer.between(4, 12);
  const cost = inThousands.of(writer.between(20, 990) * 10);
  const residual = inThousands.of(Math.floor((cost.units * writer.between(0, 15)) / 1000) * 10);
  const rate = writer.pick([10, 15, 20, 25, 30, 40]);
  const count = writer.between(2, Math.min(5, life - 1));
  const asks = writer.pick(choices);
  const working = new Working();
  const [paid, left] = [cost, residual].map(operand);
  const value = (): Figure => {
    if (asks === 'decliningValue') return working.work('', `${paid} * (1 - ${rate}%) ^ ${count}`, 1);
    if (asks === 'decliningCharge') {
      const before = working.exactly(words.steps.before, `${paid} * (1 - ${rate}%) ^ ${count - 1}`, 8);
      return working.work(words.steps.decliningCharge, `${before.operand} * ${rate}%`, 1);
    }
    const base = working.exactly(words.steps.base, `${paid} - ${left}`, 0).operand;
    const written = asks === 'straightCharge' ? `${base} / ${life}` : `${paid} - ${base} * ${count} / ${life}`;
    return working.work(words.steps[asks], written, 1);
  };
  const context = locale.sentence(
    writer.phrase<string>(words.contexts, {
      ...{ company: company.name, site: writer.pick(company.sector.sites), year: report.year, life },
      ...{ cost: locale.equipment(cost).text, residual: locale.equipment(residual).text },
    }),
  );
  const slots = { company: company.shortName, count, rate };
  const { text: question, wording } = worded<string>(writer, split, words[asks], slots);
  return {
    ...{ context, question, answer: locale.equipment(value()), steps: working.steps },
    ...{ topic: topics[asks], wording: `${topics[asks]}/${wording}` },
  };
});
