/** The token ids that an answer goes on from. */
import { InputError } from '../../errors.ts';
import { ChatTemplate, type RenderOptions } from '../../tokenizer/chat/chat-template.ts';
import { encodeSpans } from '../../tokenizer/chat/encode-spans.ts';
import type { ChatMessage } from '../../tokenizer/chat/messages.ts';
import type { ChatSpan } from '../../tokenizer/chat/render-chat.ts';
import { readTemplateFiles, sourcesOf } from '../../tokenizer/chat/template-sources.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';

interface TemplateOwner {
  /** Folder or file of the model. */
  readonly folder: string;
  readonly tokenizer: Tokenizer;
}

/** The chat template of a model, beside it or in the same file; undefined where there is none. */
export async function templateOf({ folder, tokenizer }: TemplateOwner): Promise<ChatTemplate | undefined> {
  const beside = await readTemplateFiles(folder);
  const sources = sourcesOf(beside.length > 0 ? beside : tokenizer.files);
  return sources.templates.size > 0 ? new ChatTemplate(sources) : undefined;
}

/** A text to go on with: framed as the model expects at its beginning, such as with `<s>`, and open at its end. */
export function idsOfText(tokenizer: Tokenizer, text: string): number[] {
  const bare = tokenizer.encode(text, { addSpecialTokens: false });
  if (bare.length === 0) return [];
  const framed = tokenizer.encode(text);
  const before = framed.findIndex((_, at) => bare.every((id, i) => framed[at + i] === id));
  return [...framed.slice(0, before + bare.length)];
}

/** A conversation to be answered; where the assistant spoke last, to be gone on with. */
export async function spansOfMessages(
  template: ChatTemplate,
  messages: readonly ChatMessage[],
  options: Pick<RenderOptions, 'tools'> = {},
): Promise<readonly ChatSpan[]> {
  const continues = messages.at(-1)?.role === 'assistant';
  const { spans } = await template.render(messages, {
    ...options,
    addGenerationPrompt: !continues,
    continueFinalMessage: continues,
  });
  return spans;
}

/** The same in tokens. */
export async function idsOfMessages(
  template: ChatTemplate,
  tokenizer: Tokenizer,
  messages: readonly ChatMessage[],
  options: Pick<RenderOptions, 'tools'> = {},
): Promise<number[]> {
  return [...encodeSpans(tokenizer, await spansOfMessages(template, messages, options)).ids];
}

/** @throws InputError unless there is room for the prompt and one token more */
export function requireRoom(field: string, tokens: number, capacity: number): void {
  if (tokens < capacity) return;
  throw new InputError({
    field,
    found: `${tokens} tokens`,
    expected: `at most ${capacity - 1}: the context has ${capacity}, and an answer takes one at least`,
    fix: 'Shorten it.',
  });
}
