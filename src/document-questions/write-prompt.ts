/** A question in words. Each kind is asked in a few ways, so that a model learns what is asked and not how. */
import { REPLY_FORMS, type ReplyForm } from '../eval/answers/reply-forms.ts';
import type { RandomStream } from '../random/stream.ts';
import { GAP } from './kinds/cloze.ts';
import type { DocumentQuestionKind, Draft } from './question.ts';

const SUBJECT = '{}';

const WORDINGS: Readonly<Record<DocumentQuestionKind, readonly string[]>> = {
  term: [
    `Which of these terms means: ${SUBJECT}?`,
    `What is this the definition of? ${SUBJECT}`,
    `Choose the term that is explained as "${SUBJECT}".`,
  ],
  defined_term: [
    `Which term does the passage explain as "${SUBJECT}"?`,
    `What does the passage call ${SUBJECT}?`,
    `Name the term that the passage defines like this: ${SUBJECT}`,
  ],
  cloze: [
    `What stands in place of ${GAP} in the passage? ${SUBJECT}`,
    `Fill the gap as the passage has it: ${SUBJECT}`,
    `Complete this sentence of the passage: ${SUBJECT}`,
  ],
  next_sentence: [
    'Which sentence comes next?',
    'How does the text go on?',
    'Choose the sentence that follows the passage.',
  ],
  title: ['Which heading does the passage stand under?', 'What is the passage about?', 'Choose the best title.'],
};

interface Asking {
  /** In the order shown; none where the answer is written freely. */
  readonly options: readonly string[];
  /** What the reply has to be like, if anything is said about that. */
  readonly form: ReplyForm | undefined;
}

export function writePrompt(
  { kind, passage, subject }: Draft,
  { options, form }: Asking,
  random: RandomStream,
): string {
  const wordings = WORDINGS[kind];
  const wording = wordings[random.below(wordings.length)];
  const question = `Question: ${wording.replace(SUBJECT, () => subject)}`;
  const parts = [
    passage,
    question,
    options.length > 0 ? ['Options:', ...options.map((text) => `- ${text}`)].join('\n') : '',
    form === undefined ? '' : requestOf(form, random),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

function requestOf(form: ReplyForm, random: RandomStream): string {
  const { requests } = REPLY_FORMS[form];
  return requests[random.below(requests.length)];
}
