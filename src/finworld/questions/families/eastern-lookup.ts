/** A figure of a table, in Chinese and Japanese. */
import type { Family } from '../family.ts';
import { chinese } from '../languages/chinese.ts';
import type { EasternLanguage } from '../languages/eastern.ts';
import { easternAmount, easternTable, scaleFor } from '../languages/eastern-table.ts';
import { japanese } from '../languages/japanese.ts';
import { reportedLines } from '../lines.ts';
import type { QuestionKind } from '../question.ts';
import { worded } from '../wordings.ts';

function lookupIn(kind: QuestionKind, pack: EasternLanguage): Family {
  return {
    kind,
    language: pack.language,
    write({ writer, split, company, report, previous }) {
      const reports = [report, previous];
      const lines = writer.sample(
        reportedLines(reports).filter((line) => pack.lines.has(line)),
        writer.between(3, 5),
      );
      const line = writer.pick(lines);
      const name = pack.lines.get(line) ?? line.name;
      const asked = writer.pick(reports);
      const scale = scaleFor(writer, pack, report);
      const slots = { company: company.shortName, year: asked.year, line: name };
      const { text: question, wording } = worded<string>(writer, split, pack.lookup, slots);
      const context = easternTable(pack, company, lines, reports, scale);
      return { context, question, answer: easternAmount(scale.of(line.of(asked)), scale), topic: name, wording };
    },
  };
}

export const chineseLookup = lookupIn('lookup_zh', chinese);
export const japaneseLookup = lookupIn('lookup_ja', japanese);
