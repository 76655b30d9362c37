/** A family of questions: what is asked of a company, and the words in which. */
import type { Company, Economy } from '../economy/economy.ts';
import type { AnnualReport } from '../economy/statements.ts';
import type { Writer } from '../grammar/writer.ts';
import type { Split } from '../split.ts';
import type { Answer, Language, Question, QuestionKind, Turn } from './question.ts';
import type { Step } from './step.ts';
import { writtenStep } from './step.ts';

/** What a question is written about. */
export interface Case {
  readonly economy: Economy;
  readonly split: Split;
  /** Of the question in its family and split. */
  readonly index: number;
  readonly writer: Writer;
  readonly company: Company;
  /** All years of the company. */
  readonly history: readonly AnnualReport[];
  readonly report: AnnualReport;
  /** The year before `report`. */
  readonly previous: AnnualReport;
  /** Of a family of twins: whether this is the second of two that are the same up to what decides the answer. */
  readonly isTwin: boolean;
}

/** What a family decides of a question. */
export interface Written {
  readonly context: string;
  readonly question: string;
  readonly answer: Answer;
  readonly topic: string;
  readonly wording: string;
  /** Default none. */
  readonly steps?: readonly Step[];
  /** Default: the context, then "Question:" and the question. */
  readonly prompt?: string;
  /** What of the document the reply says again before it works: where figures stand is half of finding them. Default none. */
  readonly quotes?: readonly string[];
  /** Default: what is quoted and the steps, one on each line, and "Answer:" with the answer on the last. */
  readonly reply?: string;
  /** Default none, for answers that are written freely. */
  readonly options?: readonly string[];
  readonly earlier?: readonly Turn[];
  readonly declines?: boolean;
  readonly facts?: readonly string[];
  readonly instructions?: readonly Instruction[];
}

export interface Instruction {
  /** As IFEval names it. */
  readonly id: string;
  readonly kwargs: Readonly<Record<string, unknown>>;
}

export interface Family {
  readonly kind: QuestionKind;
  /** Default English. */
  readonly language?: Language;
  /** Whether questions come in pairs about the same company, drawn alike. */
  readonly hasTwins?: boolean;
  readonly write: (asked: Case) => Written;
}

const marks: Readonly<
  Record<Language, { readonly question: string; readonly answer: string; readonly colon: string }>
> = {
  en: { question: 'Question: ', answer: 'Answer: ', colon: ': ' },
  zh: { question: '问题：', answer: '答案：', colon: '：' },
  ja: { question: '質問：', answer: '答え：', colon: '：' },
};

export function questionOf({ kind, language = 'en', write }: Family, asked: Case): Question {
  const { split, index, company } = asked;
  const { context, question, answer, topic, wording, quotes = [], steps = [], options = [], ...rest } = write(asked);
  const mark = marks[language];
  const written = steps.map((one) => writtenStep(one, mark.colon));
  const {
    prompt = `${context}\n${mark.question}${question}`,
    reply = [...quotes, ...written, `${mark.answer}${copied(answer, steps)}`].join('\n'),
    earlier = [],
    declines = false,
    facts = [],
    instructions = [],
  } = rest;
  return {
    ...{ id: `${kind}/${split}/${index}`, kind, split, language, company: company.name },
    ...{ context, question, earlier, prompt, reply, answer, steps },
    ...{ options, gold: Math.max(0, options.indexOf(answer.text)) },
    ...{ topic, wording, declines, facts },
    instruction_id_list: instructions.map(({ id }) => id),
    kwargs: instructions.map(({ kwargs }) => kwargs),
  };
}

/** The calculator writes no commas between thousands, and what it wrote is copied. */
const copied = ({ text }: Answer, steps: readonly Step[]): string =>
  steps.length === 0 ? text : text.replace(/(?<=\d),(?=\d{3})/g, '');
