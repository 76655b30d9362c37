/**
 * Questions that somebody's documents answer, found by rules:
 *
 *     readOutline(text)          -> Outline       text/outline.ts    sections, paragraphs, sentences, glossary
 *     definitionsOf(outline)     -> Definition[]  definitions.ts     what is said to be what
 *     draft<Kind>(reading)       -> Draft[]       kinds/<kind>.ts    what can be asked, without options
 *     KindDraw                                    kind-draw.ts       a bounded draw of them, with options
 *     mineQuestions(documents)   -> questions     mine-questions.ts  all kinds, of both parts of the documents
 *
 * After the mined comprehension tasks of Cheng, Huang and Wei, "Adapting Large Language Models via Reading Comprehension"
 * (arXiv:2309.09530, section 3): word to text and text to word, completion, and titles. Left out is what has no one right
 * answer: summaries, paraphrases, and inferences from connectives, which hold only as far as their author argues well.
 */
import type { ReplyForm } from '../eval/answers/reply-forms.ts';

export const documentQuestionKinds = ['term', 'defined_term', 'cloze', 'next_sentence', 'title'] as const;
export type DocumentQuestionKind = (typeof documentQuestionKinds)[number];

export interface DocumentQuestion {
  /** Made of the kind, the seed and what is asked about. */
  readonly id: string;
  readonly kind: DocumentQuestionKind;
  /** Id of the document that answers it. */
  readonly document: string;
  readonly prompt: string;
  /** In the order shown; none where the answer is written freely. */
  readonly options: readonly string[];
  /** Place of the right option. */
  readonly gold: number;
  readonly answer: string;
  /** What the prompt asks the reply to be like; absent where the answer alone is the reply. */
  readonly form?: ReplyForm;
}

/** Options of a question that has some. */
export const OPTIONS = 4;

/** A question before it is known whether it is drawn. */
export interface Draft {
  readonly kind: DocumentQuestionKind;
  /** What is asked about, in the document's words; two questions of a kind never share it. */
  readonly core: string;
  /** What is shown before the question; empty where nothing is. */
  readonly passage: string;
  /** What a wording of the kind speaks of, such as a definition; empty where it speaks of the passage. */
  readonly subject: string;
  readonly answer: string;
  /** What wrong options are made of; undefined where the answer is written freely. */
  readonly others?: Others;
}

interface Others {
  /** Texts to draw wrong options from; those of an earlier list are taken before those of a later one. */
  readonly from: readonly (readonly string[])[];
  /** Whether a text is plainly a wrong answer. */
  readonly fits: (option: string) => boolean;
  /** Whether answers of other documents may fill what is missing. */
  readonly alsoElsewhere: boolean;
}
