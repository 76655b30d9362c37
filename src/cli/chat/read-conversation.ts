/** A conversation from a JSON file or from standard input. What its messages hold is checked where they are rendered. */
import { isUtf8 } from 'node:buffer';
import { InputError } from '../../errors.ts';
import { isJsonObject } from '../../files/json-file.ts';
import type { ChatMessage } from '../../tokenizer/chat/messages.ts';
import { readTextFile } from '../read-text-file.ts';

export interface RequestedConversation {
  readonly messages: readonly ChatMessage[];
  /** Descriptions of functions. */
  readonly tools?: readonly unknown[];
}

/** Far more than any context holds. */
const maximumStdinBytes = 64 * 2 ** 20;

/** @throws InputError that names the file and what is wrong in it */
export async function readConversationFile(path: string): Promise<RequestedConversation> {
  return conversationOf(await readTextFile(path), path);
}

/** @throws InputError that says what is wrong in it */
export async function readConversationFrom(input: AsyncIterable<Buffer>): Promise<RequestedConversation> {
  return conversationOf(await readAll(input), 'standard input');
}

function conversationOf(text: string, name: string): RequestedConversation {
  const json = parseJson(text, name);
  const { messages, tools } = Array.isArray(json) ? { messages: json } : isJsonObject(json) ? json : {};
  if (!Array.isArray(messages)) {
    throw refuse(name, 'no list of messages', '[{"role": "user", "content": ".."}] or {"messages": [..]}');
  }
  if (tools !== undefined && !Array.isArray(tools)) throw refuse(`${name}, tools`, typeof tools, 'a list of functions');
  return { messages, tools };
}

/** @throws InputError that names where the text came from */
export function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refuse(name, `broken JSON (${(cause as Error).message})`, 'JSON', cause);
  }
}

async function readAll(input: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of input) {
    length += chunk.length;
    if (length > maximumStdinBytes) {
      throw refuse('standard input', `more than ${maximumStdinBytes} bytes`, 'a conversation');
    }
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw refuse('standard input', 'bytes that are not UTF-8', 'UTF-8 text');
}

function refuse(field: string, found: string, expected: string, cause?: unknown): InputError {
  return new InputError({ field, found, expected, fix: 'Check that this is the right file.' }, { cause });
}
