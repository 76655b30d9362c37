/** Questions about the finance world whose answers follow exactly from its statements. */
import type { Split } from '../split.ts';

/**
 * `facts`: which term a definition is of. `sentiment`: whether news is good or bad for a company. `lookup`: a figure of a
 * table. `numeric`: one step of calculation with figures of a table.
 */
export const questionKinds = ['facts', 'sentiment', 'lookup', 'numeric'] as const;
export type QuestionKind = (typeof questionKinds)[number];

export interface Question {
  /** "numeric/heldout/42": kind, split, index. */
  readonly id: string;
  /** Companies of the two splits are different ones; facts are split by wording. */
  readonly split: Split;
  /** The company it is about; '' for facts. */
  readonly company: string;
  /** What the question is about: a table, a piece of news; '' for facts. */
  readonly context: string;
  readonly question: string;
  /** The figure as a table or a calculation has it, the label, or the term. */
  readonly answer: string;
  /** For facts and sentiment: what there is to choose from, and the place of the answer among it. */
  readonly options: readonly string[];
  readonly gold: number;
  /** Of a figure: "%", "x" for a multiple, or ''. */
  readonly unit: '' | '%' | 'x';
  /** Of a figure: "thousand" for money, or ''. */
  readonly scale: '' | 'thousand';
  /** What is asked in one word or two, such as "gross margin": questions can be reported by it. */
  readonly topic: string;
  /** How the answer comes about. */
  readonly steps: string;
}
