/** The synthetic world's questions as conversations, asked in the words in which tasks ask them. */
import type { Conversation } from '../data/conversations/example.ts';
import { askQuestions, createEconomy, type QuestionKind } from '../finworld/index.ts';
import type { QuestionSource } from './conversation-source.ts';

interface AskedQuestion {
  readonly id: string;
  /** The kind of the question. */
  readonly source: QuestionKind;
  readonly conversation: Conversation;
}

export function* questionConversations(
  { kinds, seed, ...sizes }: QuestionSource,
  part: 'train' | 'heldOut',
): Generator<AskedQuestion> {
  const [split, questions] =
    part === 'train' ? (['train', sizes.questions] as const) : (['heldout', sizes.held_out_questions] as const);
  const economy = createEconomy({ seed });
  for (const kind of kinds) {
    for (const { id, earlier, prompt, reply } of askQuestions(economy, { kind, split, questions })) {
      const messages = [...earlier, { role: 'user', content: prompt }, { role: 'assistant', content: reply }];
      yield { id, source: kind, conversation: { messages, untrained: new Set() } };
    }
  }
}
