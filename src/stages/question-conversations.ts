/** The synthetic world's questions as conversations: asked and answered in the words in which tasks ask them. */
import type { Conversation } from '../data/conversations/example.ts';
import { generateQuestions, type Question, type QuestionKind } from '../finworld/index.ts';
import type { QuestionSource } from './conversation-source.ts';

interface AskedQuestion {
  readonly id: string;
  readonly kind: QuestionKind;
  readonly conversation: Conversation;
}

export function* questionConversations(
  { kinds, seed, ...source }: QuestionSource,
  part: 'train' | 'heldOut',
): Generator<AskedQuestion> {
  const [split, questions] =
    part === 'train' ? (['train', source.questions] as const) : (['heldout', source.held_out_questions] as const);
  for (const kind of kinds) {
    for (const question of generateQuestions({ kind, seed, split, questions })) {
      yield { id: question.id, kind, conversation: conversationOf(kind, question) };
    }
  }
}

function conversationOf(kind: QuestionKind, question: Question): Conversation {
  const messages = [
    { role: 'user', content: asked[kind](question) },
    { role: 'assistant', content: answered[kind](question) },
  ];
  return { messages, untrained: new Set() };
}

const aboutTable = ({ context, question }: Question): string => `${context}\nQuestion: ${question}`;

const asked: Readonly<Record<QuestionKind, (question: Question) => string>> = {
  facts: ({ question }) => `Question: ${question}\nAnswer:`,
  sentiment: ({ context }) => `News: ${context}\nSentiment:`,
  lookup: aboutTable,
  numeric: aboutTable,
};

const answered: Readonly<Record<QuestionKind, (question: Question) => string>> = {
  facts: ({ answer }) => answer,
  sentiment: ({ answer }) => answer,
  lookup: ({ answer }) => `Answer: ${answer}`,
  numeric: ({ answer, unit }) => `Answer: ${answer}${unit}`,
};
