/** Summaries of a report, with the figures that have to be in them. */
import type { Writer } from '../../grammar/writer.ts';
import type { Family } from '../family.ts';
import { figureOf, inMillions, moneyAnswer, operand, ratioAnswer, rounded } from '../figure.ts';
import { cash, debt, type Line, netIncome, operatingIncome, revenue, totalDividend } from '../lines.ts';
import { wordAnswer } from '../question.ts';
import { step } from '../step.ts';
import { worded } from '../wordings.ts';

const wordings = {
  common: [
    'Summarise the report in one sentence with <wanted>.',
    'In one sentence that gives <wanted>: how did <company> do?',
  ],
  heldout: ['Tell a reader in a hurry, in one sentence, <wanted> of <company>.'],
} as const;

const lines: readonly Line[] = [revenue, operatingIncome, netIncome, cash, debt, totalDividend];

export const summaries: Family = {
  kind: 'summaries',
  write({ writer, split, company, report, previous }) {
    const shown = lines.filter((line) => line.of(report) > 50 && line.of(previous) > 50);
    const told = shown.map((line) => ({ line, ...sayings(line.of(report), line.of(previous)) }));
    const context = [
      writer.say(
        ['<company> {closed|ended} its fiscal year <year> on 31 December', '<company>, {report on|the year} <year>'],
        {
          company: company.name,
          year: report.year,
        },
      ),
      ...writer.sample(told, told.length).map((one) => full(writer, one)),
      writer.say(['<ceo> thanked {the staff|all who work} in <hq>', 'work on <project> {goes on|continues}'], {
        ceo: company.chiefExecutive,
        hq: company.headquarters,
        project: writer.pick(company.sector.projects),
      }),
    ].join(' ');
    const wanted = writer.sample(told, 2);
    const names = wanted.map(({ line }) => `the ${line.name}`).join(' and ');
    const { text: question, wording } = worded(writer, split, wordings, { wanted: names, company: company.shortName });
    const facts = wanted.flatMap(({ amount, change }) => [amount, change]);
    const said = wanted.map(({ line, amount, change }) => `${line.name} of ${amount} (${change})`).join(' and ');
    const reply = `In ${report.year}, ${company.shortName} reported ${said}.`;
    return { context, question, reply, answer: wordAnswer(reply), facts, topic: 'summary', wording };
  },
};

interface Told {
  readonly line: Line;
  readonly amount: string;
  /** Such as "+3.4%". */
  readonly change: string;
}

function sayings(now: number, before: number) {
  const [a, b] = [inMillions.of(now), inMillions.of(before)];
  const { result } = step(rounded(`(${operand(a)} / ${operand(b)} - 1) * 100`, 1));
  const { text } = ratioAnswer(figureOf(result, 1), '%');
  return { amount: moneyAnswer(a, 'million').text, change: text.startsWith('-') ? text : `+${text}` };
}

const full = (writer: Writer, { line, amount, change }: Told): string =>
  writer.say(
    [
      '<line> {was|came to|amounted to} <amount>, a change of <change> on the year before',
      'the accounts show <line> of <amount> (<change>)',
      '<line>: <amount>, <change> {against|on} the year before',
    ],
    { line: line.name, amount, change },
  );
