/** Questions about the finance world whose answers follow exactly from what they show. */
import type { Split } from '../split.ts';
import type { Step } from './step.ts';

/** Definitions of terms, the tone of news, a figure of a table, one step of calculation: what small models begin with. */
export const coreKinds = ['facts', 'sentiment', 'lookup', 'numeric'] as const;

/** Several steps of calculation; asked in every language. */
const workedKinds = [
  ...(['compound_growth', 'margins', 'per_share', 'return_on_equity', 'present_value'] as const),
  ...(['bonds', 'risk', 'currency', 'inventory', 'depreciation'] as const),
] as const;
export type WorkedKind = (typeof workedKinds)[number];

const inChinese = <const T extends string>(kind: T) => `${kind}_zh` as const;
const inJapanese = <const T extends string>(kind: T) => `${kind}_ja` as const;

/** See `families/` for what each asks, and `docs/finworld.md` for what they look like. */
export const questionKinds = [
  ...coreKinds,
  ...(['comparison', ...workedKinds] as const),
  ...(['stance', 'entities', 'summaries', 'instructions', 'dialogue', 'refusals', 'compliance'] as const),
  ...(['lookup_zh', 'numeric_zh', 'sentiment_zh', 'lookup_ja', 'numeric_ja', 'sentiment_ja'] as const),
  ...workedKinds.map(inChinese<WorkedKind>),
  ...workedKinds.map(inJapanese<WorkedKind>),
] as const;
export type QuestionKind = (typeof questionKinds)[number];

export type Language = 'en' | 'zh' | 'ja';
export type Unit = '' | '%' | 'x';
export type Scale = '' | 'thousand' | 'million' | '万' | '亿' | '百万' | '億';

export interface Answer {
  /** As it is written behind "Answer:", such as "$84.5 million" or "-12.3%". */
  readonly text: string;
  /** The figure before its unit and scale; undefined where the answer is no number. */
  readonly value?: number;
  readonly unit: Unit;
  readonly scale: Scale;
  /** Decimals that the figure is written with. */
  readonly decimals: number;
}

export type Turn = {
  readonly role: 'user' | 'assistant';
  readonly content: string;
};

export interface Question {
  /** "numeric/heldout/42": kind, split, index. */
  readonly id: string;
  readonly kind: QuestionKind;
  /** Companies of the two splits are different ones; facts are split by wording. */
  readonly split: Split;
  readonly language: Language;
  /** The company it is about; '' for facts. */
  readonly company: string;
  /** What the question is about: a table, a note, a piece of news; '' for facts. */
  readonly context: string;
  readonly question: string;
  /** What was said before, for follow-up questions. */
  readonly earlier: readonly Turn[];
  /** Everything that a model is asked, context included: conversations and tasks use these words. */
  readonly prompt: string;
  /** Everything that an assistant replies: worked steps as calls of the calculator, and the answer. */
  readonly reply: string;
  readonly answer: Answer;
  /** How the answer comes about. */
  readonly steps: readonly Step[];
  /** What there is to choose from, and the place of the answer among it; none where the answer is written freely. */
  readonly options: readonly string[];
  readonly gold: number;
  /** What is asked in one word or two, such as "gross margin": questions can be reported by it. */
  readonly topic: string;
  /** Which words it is asked in; some are for held-out questions only, see `wordings.ts`. */
  readonly wording: string;
  /** Whether a right reply declines to answer. */
  readonly declines: boolean;
  /** What a right reply has to say, word for word. */
  readonly facts: readonly string[];
  /** Instructions whose following a program can check, under the names of IFEval (arXiv:2311.07911), and their arguments. */
  readonly instruction_id_list: readonly string[];
  readonly kwargs: readonly Readonly<Record<string, unknown>>[];
}

/** An answer that is no number. */
export const wordAnswer = (text: string): Answer => ({ text, unit: '', scale: '', decimals: 0 });
