/** Questions that documents of a recipe answer, as tasks: what they ask is learnt in the words in which it is measured. */
import type { DrawCounts } from '../document-questions/kind-draw.ts';
import { type MinedQuestions, mineQuestions } from '../document-questions/mine-questions.ts';
import type { DocumentQuestion } from '../document-questions/question.ts';
import { InputError } from '../errors.ts';
import { REPLY_FORMS } from '../eval/answers/reply-forms.ts';
import type { Task, TaskGroup } from '../eval/tasks/task.ts';
import { taskInMemory } from '../eval/tasks/task-in-memory.ts';
import { formatCount, formatPlural } from '../observe/numbers.ts';
import type { DocumentQuestionSource } from './conversation-source.ts';
import { type DocumentSource, splitTexts } from './document-source.ts';

export interface QuestionTaskOptions {
  readonly root: string;
  readonly signal?: AbortSignal;
  readonly onDocument?: (documents: number) => void;
  readonly onWarning?: (message: string) => void;
}

/**
 * At most two tasks: `<name>_choice` with questions that have options, scored by their likelihood, of which one in four is
 * right by chance; and `<name>_written` with answers that are written and compared. Where the questions ask for replies in
 * a form, one task `<name>_replies` instead: all of them are written, and scored as `document_questions.replies` does.
 * @throws InputError where nothing can be asked about one of the parts, and as `splitTexts`
 */
export async function documentQuestionTasks(
  name: string,
  { kinds, questions, held_out_questions: heldOutQuestions, forms, seed }: Omit<DocumentQuestionSource, 'documents'>,
  documents: { readonly set: string; readonly source: DocumentSource },
  { root, signal, onDocument, onWarning }: QuestionTaskOptions,
): Promise<TaskGroup> {
  const texts = splitTexts(documents.set, documents.source, { root, signal });
  const mined = await mineQuestions(texts, { kinds, questions, heldOutQuestions, forms, seed, signal, onDocument });
  for (const part of ['train', 'heldOut'] as const) if (mined[part].length === 0) throw nothingToAsk(name, part, mined);
  for (const shortage of shortages(mined, { train: questions, heldOut: heldOutQuestions }))
    onWarning?.(`${name}: ${shortage}`);
  const tasks = forms.length > 0 ? [repliesTask(name, mined)] : [choiceTask(name, mined), writtenTask(name, mined)];
  const members = tasks.filter(hasBothParts);
  const learnt = members.reduce((sum, { records }) => sum + records!.train.length, 0);
  if (members.length === 0) throw nothingToAsk(name, 'heldOut', mined);
  if (learnt < mined.train.length) {
    onWarning?.(
      `${name}: ${formatPlural(mined.train.length - learnt, 'question')} left out: none of their sort could be held out`,
    );
  }
  return { kind: 'group', name, alias: name, version: String(VERSION), members, aggregates: [], warnings: [] };
}

/** What cannot be measured is not learnt either. */
const hasBothParts = ({ records }: Task): boolean => records!.train.length > 0 && records!.heldout.length > 0;

/** Of rules and wordings. */
const VERSION = 1;

const common = {
  tag: ['generated', 'documents'],
  training_split: 'train',
  test_split: 'heldout',
  // The answer begins a line, in plain text as in chat.
  doc_to_text: '{{ prompt }}\n',
  target_delimiter: '',
  slices: { kind: 'kind' },
  cluster: 'document',
  metadata: { version: VERSION, source: 'src/document-questions' },
};

function choiceTask(name: string, mined: MinedQuestions): Task {
  return taskInMemory(
    {
      ...common,
      task: `${name}_choice`,
      output_type: 'multiple_choice',
      doc_to_choice: 'options',
      doc_to_target: 'gold',
      metric_list: [{ metric: 'acc' }, { metric: 'acc_norm' }],
    },
    recordsOf(mined, ({ options }) => options.length > 0),
  );
}

function writtenTask(name: string, mined: MinedQuestions): Task {
  return taskInMemory(
    {
      ...common,
      task: `${name}_written`,
      output_type: 'generate_until',
      doc_to_target: 'answer',
      generation_kwargs: { until: ['\n'], max_gen_toks: 48 },
      chat_generation_kwargs: { until: [] },
      metric_list: [{ metric: 'exact_match', ignore_case: true, ignore_punctuation: true }, { metric: 'token_f1' }],
    },
    recordsOf(mined, ({ options }) => options.length === 0),
  );
}

function repliesTask(name: string, mined: MinedQuestions): Task {
  return taskInMemory(
    {
      ...common,
      task: `${name}_replies`,
      output_type: 'generate_until',
      doc_to_target: 'reply',
      process_results: { function: 'document_questions.replies' },
      generation_kwargs: { until: ['\n'], max_gen_toks: 48 },
      chat_generation_kwargs: { until: [] },
      metric_list: [{ metric: 'in_form' }, { metric: 'names_option' }, { metric: 'right_in_form' }],
      slices: { kind: 'kind', form: 'form' },
    },
    recordsOf(mined, () => true),
  );
}

function recordsOf({ train, heldOut }: MinedQuestions, isMeant: (question: DocumentQuestion) => boolean) {
  const records = (questions: readonly DocumentQuestion[]) =>
    questions.filter(isMeant).map((question) => ({ ...question, ...replyTo(question) }));
  return { train: records(train), heldout: records(heldOut) };
}

const replyTo = ({ form, answer }: DocumentQuestion) =>
  form === undefined ? {} : { reply: REPLY_FORMS[form].write(answer) };

function* shortages(
  { counts, notEnglish, documents }: MinedQuestions,
  wanted: { readonly train: number; readonly heldOut: number },
): Generator<string> {
  if (notEnglish > 0) {
    yield `${formatCount(notEnglish)} of ${formatPlural(documents, 'document')} not in English: nothing is asked about them`;
  }
  for (const { kind, ...parts } of counts) {
    for (const part of ['train', 'heldOut'] as const) {
      if (parts[part].kept >= wanted[part]) continue;
      const about = part === 'train' ? 'training documents' : 'held-out documents';
      yield `${formatCount(parts[part].kept)} of ${formatPlural(wanted[part], `${kind} question`)} about ${about} (${told(parts[part])})`;
    }
  }
}

function told({ found, repeated, withoutOptions, inOtherPart }: DrawCounts): string {
  const left = [
    [repeated, 'asked before'],
    [withoutOptions, 'without wrong options'],
    [inOtherPart, 'held out elsewhere'],
  ] as const;
  return [
    `${formatCount(found)} found`,
    ...left.filter(([n]) => n > 0).map(([n, why]) => `${formatCount(n)} ${why}`),
  ].join(', ');
}

function nothingToAsk(name: string, part: 'train' | 'heldOut', { documents, notEnglish }: MinedQuestions): InputError {
  const which = part === 'train' ? 'training' : 'held-out';
  return new InputError({
    field: `data.${name}: document_questions`,
    found: `no question about the ${which} part of ${formatPlural(documents, 'document')}, ${formatCount(notEnglish)} of them not in English`,
    expected: 'documents with paragraphs of English sentences on both sides of the split',
    fix: 'Add documents, hold out a larger share of them, or ask for more kinds.',
  });
}
