/** Whether a piece of news is good or bad for a company, in Chinese and Japanese. */
import { decimal } from '../../grammar/numbers.ts';
import type { Family } from '../family.ts';
import { chinese } from '../languages/chinese.ts';
import { type EasternLanguage, tones } from '../languages/eastern.ts';
import { easternAmount, scaleFor } from '../languages/eastern-table.ts';
import { japanese } from '../languages/japanese.ts';
import { type QuestionKind, wordAnswer } from '../question.ts';
import { worded } from '../wordings.ts';

function sentimentIn(kind: QuestionKind, pack: EasternLanguage): Family {
  return {
    kind,
    language: pack.language,
    write({ writer, split, index, company, report }) {
      const tone = tones[index % tones.length];
      const scale = scaleFor(writer, pack, report);
      const slots = {
        ...{ company: company.shortName, year: report.year, rate: `${decimal(writer.between(21, 289), 1)}%` },
        amount: easternAmount(scale.of(Math.round(report.totalEquity / 4)), scale).text,
      };
      const { text: context, wording } = worded<string>(writer, split, pack.news[tone], slots);
      const label = pack.tones[tone];
      return {
        ...{ context, question: pack.toneMark, prompt: `${pack.newsMark}${context}\n${pack.toneMark}` },
        ...{ reply: label, answer: wordAnswer(label), options: tones.map((one) => pack.tones[one]) },
        ...{ topic: tone, wording: `${tone}/${wording}` },
      };
    },
  };
}

export const chineseSentiment = sentimentIn('sentiment_zh', chinese);
export const japaneseSentiment = sentimentIn('sentiment_ja', japanese);
