/** Where a recipe's conversations come from. */
import type { ExampleFields } from '../data/conversations/read-conversations.ts';
import type { ToolMarks } from '../data/conversations/tool-insertions.ts';
import type { DocumentQuestionKind } from '../document-questions/question.ts';
import type { ReplyForm } from '../eval/answers/reply-forms.ts';
import type { QuestionKind } from '../finworld/index.ts';
import type { HeldOutRule } from './split-names.ts';

export interface ConversationFiles {
  /** Files, folders and globs. */
  readonly files: readonly string[];
  readonly fields: ExampleFields;
  /** Of tools that are called in answers. */
  readonly tool_marks: readonly (ToolMarks | 'calculator')[];
  readonly skip_broken: boolean;
  readonly held_out: HeldOutRule;
  /** Take the first so many only. */
  readonly max_conversations: number | null;
}

/** Questions that come with a recipe, see `docs/finworld.md`; those of the held-out part are about other companies. */
export interface QuestionSource {
  readonly kinds: readonly QuestionKind[];
  /** Of each kind; of facts at most as many as there are definitions. */
  readonly questions: number;
  readonly held_out_questions: number;
  /** Seed of the world. */
  readonly seed: number;
}

/** Questions that documents answer, found by rules; those about held-out documents are held out. */
export interface DocumentQuestionSource {
  /** Name of a set of documents. */
  readonly documents: string;
  readonly kinds: readonly DocumentQuestionKind[];
  /** Of each kind at most. */
  readonly questions: number;
  readonly held_out_questions: number;
  /** What replies have to be like, one of these for each question; none for the answer alone. */
  readonly forms: readonly ReplyForm[];
  /** Decides which of many are drawn, and the order of options. */
  readonly seed: number;
}

/** Training splits of evaluation tasks; what the tasks score is in neither part. */
export interface TaskSource {
  /** Names as in `finery eval tasks`, or `.yaml` files. */
  readonly on: readonly string[];
  /** Examples before each question; null for what the task says. */
  readonly num_fewshot: number | null;
  readonly system: string | null;
  /** Learn from so many questions of each task at most. */
  readonly limit: number | null;
  readonly held_out: Pick<HeldOutRule, 'share' | 'seed'>;
}

export type ConversationSource =
  | { readonly conversations: ConversationFiles }
  | { readonly finworld_questions: QuestionSource }
  | { readonly document_questions: DocumentQuestionSource }
  | { readonly tasks: TaskSource };

export const isConversationSource = <T extends object>(source: T | ConversationSource): source is ConversationSource =>
  'conversations' in source || 'finworld_questions' in source || 'document_questions' in source || 'tasks' in source;
