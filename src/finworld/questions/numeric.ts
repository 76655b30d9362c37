/** One step of calculation with figures of a table. */
import type { Economy } from '../economy/economy.ts';
import type { Split } from '../split.ts';
import { calculations } from './calculations.ts';
import { caseOf } from './case.ts';
import { lines, table } from './lines.ts';
import type { Question } from './question.ts';

/** Lines of the table beside those that are needed. */
const OTHERS = 3;

export function numericQuestion(economy: Economy, split: Split, index: number): Question {
  const { writer, company, report, previous } = caseOf(economy, 'numeric', split, index);
  const possible = calculations.flatMap((calculation) => {
    const figure = calculation.compute(report, previous);
    return figure === undefined ? [] : [{ calculation, figure }];
  });
  const { calculation, figure } = writer.pick(possible);
  const { topic, over, form, unit, scale, needs, hides } = calculation;
  const others = lines.filter((line) => !needs.includes(line) && !hides.includes(line));
  const shown = [...needs, ...writer.sample(others, OTHERS)];
  return {
    id: `numeric/${split}/${index}`,
    split,
    company: company.name,
    context: `${company.name}\n${table(shown, report, previous)}`,
    question: writer.phrase(
      [
        'What was the <topic> of <company> in <year><over>, <form>?',
        'In <year>, what was the <topic> of <company><over>, <form>?',
      ],
      { topic, over, form, company: company.shortName, year: report.year },
    ),
    answer: figure.text,
    options: [],
    gold: 0,
    unit,
    scale,
    topic,
    steps: figure.steps,
  };
}
