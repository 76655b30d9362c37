/** What was said, as data: every change makes a new conversation. */
import type { ChatMessage } from '../../tokenizer/chat/messages.ts';

export interface Turn {
  readonly user: string;
  readonly assistant: string;
}

export interface Conversation {
  readonly system?: string;
  readonly turns: readonly Turn[];
  /** The first turns that the model is no longer shown, because they do not fit: how many. They are still saved. */
  readonly hidden: number;
}

export const emptyConversation: Conversation = { turns: [], hidden: 0 };

export function withTurn(conversation: Conversation, turn: Turn): Conversation {
  return { ...conversation, turns: [...conversation.turns, turn] };
}

export function withoutLastTurn(conversation: Conversation): Conversation {
  const turns = conversation.turns.slice(0, -1);
  return { ...conversation, turns, hidden: Math.min(conversation.hidden, turns.length) };
}

/** All of it, as it is saved. `question` is a message that waits for its answer. */
export function allMessages(conversation: Conversation, question?: string): ChatMessage[] {
  return messagesFrom(conversation, 0, question);
}

/** What the model is shown. */
export function shownMessages(conversation: Conversation, question?: string): ChatMessage[] {
  return messagesFrom(conversation, conversation.hidden, question);
}

function messagesFrom({ system, turns }: Conversation, first: number, question: string | undefined): ChatMessage[] {
  return [
    ...(system === undefined ? [] : [{ role: 'system', content: system }]),
    ...turns.slice(first).flatMap(({ user, assistant }) => [
      { role: 'user', content: user },
      { role: 'assistant', content: assistant },
    ]),
    ...(question === undefined ? [] : [{ role: 'user', content: question }]),
  ];
}
