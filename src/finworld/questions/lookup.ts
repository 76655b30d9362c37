/** A figure of a table. */
import type { Economy } from '../economy/economy.ts';
import type { Split } from '../split.ts';
import { caseOf } from './case.ts';
import { figure, lines, table } from './lines.ts';
import type { Question } from './question.ts';

const SHOWN = 5;

export function lookupQuestion(economy: Economy, split: Split, index: number): Question {
  const { writer, company, report, previous } = caseOf(economy, 'lookup', split, index);
  const shown = writer.sample(lines, SHOWN);
  const line = writer.pick(shown);
  const asked = writer.pick([report, previous]);
  const answer = figure(line.of(asked));
  return {
    id: `lookup/${split}/${index}`,
    split,
    company: company.name,
    context: `${company.name}\n${table(shown, report, previous)}`,
    question: writer.phrase(
      [
        'What does the table give as <line> of <company> for <year>, in thousands of dollars?',
        'In thousands of dollars, how much was <line> of <company> in <year>?',
      ],
      { line: line.label.toLowerCase(), company: company.shortName, year: asked.year },
    ),
    answer,
    options: [],
    gold: 0,
    unit: '',
    scale: 'thousand',
    topic: line.label.toLowerCase(),
    steps: `${line.label}, ${asked.year}: ${answer}`,
  };
}
