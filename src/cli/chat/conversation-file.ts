/** Conversations in files: JSON lines, as training data has them, or Markdown, for people. */
import { extname } from 'node:path';
import { InputError } from '../../errors.ts';
import { writeFileAtomically } from '../../files/atomic-write.ts';
import type { ChatMessage } from '../../tokenizer/chat/messages.ts';
import type { Conversation, Turn } from './conversation.ts';

/** Writes Markdown to a name in `.md`, else one line `{"messages":[..]}`, which `finery generate --messages` takes too. */
export async function saveConversation(path: string, messages: readonly ChatMessage[]): Promise<void> {
  const isMarkdown = extname(path).toLowerCase() === '.md';
  await writeFileAtomically(path, isMarkdown ? markdown(messages) : `${JSON.stringify({ messages })}\n`);
}

function markdown(messages: readonly ChatMessage[]): string {
  return messages.map(({ role, content }) => `**${role}**\n\n${String(content).trim()}\n`).join('\n---\n\n');
}

export interface LoadedConversation {
  readonly conversation: Conversation;
  /** The last message, if it waits for an answer. */
  readonly question: string | undefined;
}

/**
 * @param field names the source in errors
 * @throws InputError unless it is what one chats: at most one system message, then user and assistant in turn
 */
export function conversationFrom(messages: readonly unknown[], field: string): LoadedConversation {
  const said = messages.map((message, i) => readMessage(message, `${field}, messages.${i}`));
  const system = said[0]?.role === 'system' ? said.shift()!.content : undefined;
  const first = messages.length - said.length;
  said.forEach(({ role }, i) => {
    const expected = i % 2 === 0 ? 'user' : 'assistant';
    if (role !== expected) throw refuse(`${field}, messages.${first + i}.role`, role, expected);
  });
  const turns: Turn[] = [];
  for (let i = 0; i + 1 < said.length; i += 2) turns.push({ user: said[i].content, assistant: said[i + 1].content });
  const question = said.length % 2 === 1 ? said.at(-1)!.content : undefined;
  return { conversation: { system, turns, hidden: 0 }, question };
}

function readMessage(message: unknown, field: string): { readonly role: string; readonly content: string } {
  const { role, content } = (message ?? {}) as { readonly role?: unknown; readonly content?: unknown };
  if (typeof role !== 'string') throw refuse(`${field}.role`, typeof role, 'system, user or assistant');
  if (typeof content !== 'string') throw refuse(`${field}.content`, typeof content, 'text');
  return { role, content };
}

function refuse(field: string, found: string, expected: string): InputError {
  const fix = 'Load a conversation that /save has written, or one like it.';
  return new InputError({ field, found: found.slice(0, 80), expected, fix });
}
