/** A conversation that grew too long for the context, without its oldest turns. */

import { requireRoom } from '../../generate/prompt/prompt-ids.ts';
import type { ChatMessage } from '../../tokenizer/chat/messages.ts';
import { type Conversation, shownMessages } from './conversation.ts';

/** Token ids of a conversation, up to where the answer begins. */
export type EncodeMessages = (messages: readonly ChatMessage[]) => Promise<number[]>;

export interface FitOptions {
  /** Tokens of prompt and answer. */
  readonly capacity: number;
  /** Tokens that an answer should have room for, if leaving out turns can bring that about. */
  readonly reserve: number;
  readonly encode: EncodeMessages;
}

export interface FittedPrompt {
  readonly ids: readonly number[];
  /** With so many turns hidden that it fits. */
  readonly conversation: Conversation;
  /** Tokens that all turns shown so far would have taken. */
  readonly tokensBefore: number;
}

/** @throws InputError if the question alone is too long */
export async function fitConversation(
  conversation: Conversation,
  question: string,
  { capacity, reserve, encode }: FitOptions,
): Promise<FittedPrompt> {
  let fitted = conversation;
  let ids = await encode(shownMessages(fitted, question));
  const tokensBefore = ids.length;
  while (ids.length + reserve > capacity && fitted.hidden < fitted.turns.length) {
    fitted = { ...fitted, hidden: fitted.hidden + 1 };
    ids = await encode(shownMessages(fitted, question));
  }
  requireRoom('message', ids.length, capacity);
  return { ids, conversation: fitted, tokensBefore };
}
