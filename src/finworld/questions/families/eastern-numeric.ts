/** One step of calculation with figures of a table, in Chinese and Japanese. */
import type { Family } from '../family.ts';
import { operand, ratioAnswer } from '../figure.ts';
import { chinese } from '../languages/chinese.ts';
import type { EasternLanguage } from '../languages/eastern.ts';
import { easternAmount, easternTable, scaleFor } from '../languages/eastern-table.ts';
import { japanese } from '../languages/japanese.ts';
import { cash, debt, grossProfit, netIncome, operatingIncome, reportedLines, revenue, totalAssets } from '../lines.ts';
import type { QuestionKind } from '../question.ts';
import { worded } from '../wordings.ts';
import { Working } from '../working.ts';

const ratios = [
  { topic: 'grossMargin', profit: grossProfit },
  { topic: 'operatingMargin', profit: operatingIncome },
  { topic: 'netMargin', profit: netIncome },
] as const;

function numericIn(kind: QuestionKind, pack: EasternLanguage): Family {
  return {
    kind,
    language: pack.language,
    write({ writer, split, company, report, previous }) {
      const reports = [report, previous];
      const scale = scaleFor(writer, pack, report);
      const asks = writer.pick(['ratio', 'growth', 'change'] as const);
      const { topic: ratio, profit } = writer.pick(ratios);
      const line =
        asks === 'ratio' ? profit : writer.pick([revenue, totalAssets, ...(asks === 'change' ? [cash, debt] : [])]);
      const needs = asks === 'ratio' ? [revenue, profit] : [line];
      const others = reportedLines(reports).filter((one) => pack.lines.has(one) && !needs.includes(one));
      const lines = [...needs, ...writer.sample(others, 4 - needs.length)];
      const working = new Working();
      const now = scale.of(line.of(report));
      const base = scale.of(asks === 'ratio' ? revenue.of(report) : line.of(previous));
      const answer = () => {
        const [a, b] = [operand(now), operand(base)];
        if (asks === 'change') return easternAmount(working.exactly('', `${a} - ${b}`, now.decimals), scale);
        const quotient = asks === 'ratio' ? `${a} / ${b} * 100` : `(${a} / ${b} - 1) * 100`;
        return ratioAnswer(working.work('', quotient, 1), '%');
      };
      const slots = {
        ...{ company: company.shortName, year: report.year, before: previous.year },
        ...{ line: pack.lines.get(line) ?? line.name, topic: pack.ratios[ratio] },
      };
      const { text: question, wording } = worded<string>(writer, split, pack[asks], slots);
      const context = easternTable(pack, company, lines, reports, scale);
      const topic = asks === 'ratio' ? ratio : asks;
      return { context, question, answer: answer(), steps: working.steps, topic, wording: `${asks}/${wording}` };
    },
  };
}

export const chineseNumeric = numericIn('numeric_zh', chinese);
export const japaneseNumeric = numericIn('numeric_ja', japanese);
