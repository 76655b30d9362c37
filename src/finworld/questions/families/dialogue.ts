/** Follow-up questions that refer back: a figure, the same for another year, then what the two make together. */
import { statementTable, tableScale } from '../documents/statement-table.ts';
import type { Family } from '../family.ts';
import { moneyAnswer, operand, ratioAnswer } from '../figure.ts';
import { reportedLines } from '../lines.ts';
import type { Turn } from '../question.ts';
import { worded } from '../wordings.ts';
import { Working } from '../working.ts';

const wordings = {
  change: {
    common: ['By how much did it change?', 'So what was the change from one year to the other?'],
    heldout: ['How far apart are the two?'],
  },
  growth: {
    common: ['How much is that in percent?', 'By how many percent did it change, then?'],
    heldout: ['Which growth rate is that?'],
  },
  sum: {
    common: ['And both years together?', 'What do they add up to?'],
    heldout: ['What is the total of the two?'],
  },
} as const;

export const dialogue: Family = {
  kind: 'dialogue',
  write({ writer, split, company, report, previous }) {
    const reports = [report, previous];
    const lines = writer.sample(reportedLines(reports), 4);
    const table = statementTable(company, lines, reports, tableScale(writer, lines, reports));
    const line = writer.pick(lines);
    const [now, before] = reports.map((one) => table.figure(line, one));
    const amount = (figure: typeof now) => moneyAnswer(figure, table.scale.name);
    const asks = writer.pick(
      (['change', 'growth', 'sum'] as const).filter((one) => one !== 'growth' || before.units > 0),
    );
    const first = writer.phrase(
      ['What <was> the <line> of <company> in <year>?', 'How much <was> <line> of <company> in <year>?'],
      {
        line: line.name,
        was: line.was,
        company: company.shortName,
        year: report.year,
      },
    );
    const earlier: readonly Turn[] = [
      { role: 'user', content: `${table.text}\nQuestion: ${first}` },
      { role: 'assistant', content: `Answer: ${amount(now).text}` },
      {
        role: 'user',
        content: writer.vary(`{And in ${previous.year}?|And a year before?|What was it in ${previous.year}?}`),
      },
      { role: 'assistant', content: `Answer: ${amount(before).text}` },
    ];
    const working = new Working();
    const [a, b] = [now, before].map(operand);
    const answer = () => {
      if (asks === 'growth') return ratioAnswer(working.work('', `(${a} / ${b} - 1) * 100`, 1), '%');
      return amount(working.exactly('', `${a} ${asks === 'sum' ? '+' : '-'} ${b}`, now.decimals));
    };
    const { text: question, wording } = worded(writer, split, wordings[asks], {});
    return {
      ...{ context: table.text, earlier, question, prompt: question },
      ...{ answer: answer(), steps: working.steps, topic: asks, wording: `${asks}/${wording}` },
    };
  },
};
