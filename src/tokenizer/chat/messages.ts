/** What a conversation may hold, checked and copied where it comes in. */

import { asText, describe, refuse } from '../json-fields.ts';

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;
export type JsonObject = { readonly [key: string]: Json };

interface TextPart {
  readonly type: 'text';
  readonly text: string;
}

/** A message as templates of Hugging Face checkpoints know it; any further field is handed to the template as it is. */
export interface ChatMessage {
  /** One of `ROLES`, or of the roles that a call allows besides. */
  readonly role: string;
  readonly content?: string | null | readonly TextPart[];
  readonly name?: string;
  /** As transformers takes them: `{type: 'function', function: {name, arguments}}`, `arguments` an object. */
  readonly tool_calls?: readonly JsonObject[];
  readonly tool_call_id?: string;
  /** The model's thoughts; `thinking` and `reasoning` are read as well, and templates see it under its first two names. */
  readonly reasoning_content?: string | null;
  readonly [field: string]: unknown;
}

/**
 * Templates build control tokens from roles, as in `'<|' + message.role + '|>'`, so a role is trusted text. This list
 * keeps `endoftext` from being one.
 */
const ROLES: readonly string[] = [
  ...['system', 'developer', 'user', 'assistant', 'tool'],
  ...['function', 'ipython', 'environment', 'observation', 'context', 'documents'],
];

const MAX_MESSAGES = 8_192;
/** Over all messages, tools, documents and variables of one conversation, in UTF-16 units. */
const MAX_CHARACTERS = 1 << 22;
const MAX_VALUES = 1 << 17;
const MAX_DEPTH = 32;
const MAX_FIELD_NAME = 1_024;

const REASONING_FIELDS = ['reasoning_content', 'thinking', 'reasoning'] as const;

/** Copies untrusted values into plain JSON of bounded size. One reader counts over everything that it reads. */
export class JsonReader {
  #characters = 0;
  #values = 0;

  /** Throws an `InputError` that names the field. Fields that are undefined are left out. */
  read(value: unknown, field: string, depth = 0): Json {
    if (++this.#values > MAX_VALUES) refuse(field, `more than ${MAX_VALUES} values`, 'a shorter conversation', SHORTEN);
    if (depth > MAX_DEPTH) refuse(field, `values nested deeper than ${MAX_DEPTH}`, 'flatter data', SHORTEN);
    if (typeof value === 'string') return this.#text(value, field);
    if (value === null || typeof value === 'boolean') return value;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    if (Array.isArray(value)) return Array.from(value, (item, i) => this.read(item, `${field}.${i}`, depth + 1));
    if (!isPlainObject(value)) refuse(field, whatIs(value), 'JSON: text, numbers, lists and plain objects', PLAIN);
    return this.object(value, field, depth);
  }

  object(value: unknown, field: string, depth = 0): JsonObject {
    if (!isPlainObject(value)) refuse(field, whatIs(value), 'an object', PLAIN);
    const entries: [string, Json][] = [];
    for (const [key, inner] of Object.entries(value)) {
      if (key.length > MAX_FIELD_NAME) refuse(field, `a name of ${key.length} characters`, `at most ${MAX_FIELD_NAME}`);
      if (inner !== undefined) entries.push([this.#text(key, field), this.read(inner, `${field}.${key}`, depth + 1)]);
    }
    // Unlike an assignment, this makes even `__proto__` an ordinary field.
    return Object.fromEntries(entries);
  }

  #text(text: string, field: string): string {
    this.#characters += text.length;
    if (this.#characters <= MAX_CHARACTERS) return text;
    return refuse(field, `more than ${MAX_CHARACTERS} characters`, 'a shorter conversation', SHORTEN);
  }
}

const PLAIN = 'Give the data as it would be written in JSON.';
const SHORTEN = 'Leave out earlier messages or split the conversation.';

/**
 * Messages as a template gets them. Text parts are joined by newlines unless the template reads parts itself.
 * Throws an `InputError` that names the field.
 */
export function readMessages(
  messages: unknown,
  reader: JsonReader,
  options: { readonly keepParts: boolean; readonly extraRoles: readonly string[] },
): readonly JsonObject[] {
  if (!Array.isArray(messages)) refuse('messages', describe(messages), 'a list of messages', PLAIN);
  if (messages.length === 0) refuse('messages', 'no message', 'at least one', 'Give the conversation so far.');
  if (messages.length > MAX_MESSAGES) {
    refuse('messages', `${messages.length} messages`, `at most ${MAX_MESSAGES}`, SHORTEN);
  }
  const roles = [...ROLES, ...options.extraRoles];
  return messages.map((message, i) => {
    const field = `messages.${i}`;
    const copy = reader.object(message, field);
    if (!roles.includes(asText(copy.role, `${field}.role`, 64))) {
      const expected = `one of ${roles.join(', ')}`;
      refuse(`${field}.role`, describe(copy.role), expected, 'Correct the role, or allow it with extraRoles.');
    }
    checkCalls(copy.tool_calls, `${field}.tool_calls`);
    const content = readContent(copy.content, `${field}.content`, options.keepParts);
    return { ...withReasoning(withoutNullCalls(copy), field), ...(content !== undefined && { content }) };
  });
}

/** Clients write null for no calls; templates loop over them. */
function withoutNullCalls(message: JsonObject): JsonObject {
  if (message.tool_calls !== null) return message;
  return Object.fromEntries(Object.entries(message).filter(([name]) => name !== 'tool_calls'));
}

function readContent(content: Json | undefined, field: string, keepParts: boolean): Json | undefined {
  if (content === undefined || content === null || typeof content === 'string') return content;
  if (!Array.isArray(content)) refuse(field, describe(content), 'text, a list of text parts, or null', PLAIN);
  const texts = content.map((part, i) => {
    if (!isPlainObject(part) || part.type !== 'text' || typeof part.text !== 'string') {
      refuse(`${field}.${i}`, describe(part), 'a part {type: "text", text}', 'Leave out parts that are not text.');
    }
    return part.text;
  });
  return keepParts ? content : texts.join('\n');
}

/** The model's thoughts under the names that templates read, as transformers gives them. */
function withReasoning(message: JsonObject, field: string): JsonObject {
  const name = REASONING_FIELDS.find((candidate) => (message[candidate] ?? null) !== null);
  if (name === undefined) return message;
  if (typeof message[name] !== 'string') refuse(`${field}.${name}`, describe(message[name]), 'text', PLAIN);
  return { thinking: message[name], ...message, reasoning_content: message[name] };
}

function checkCalls(calls: Json | undefined, field: string): void {
  if (calls === undefined || calls === null) return;
  if (!Array.isArray(calls)) refuse(field, describe(calls), 'a list of calls', PLAIN);
  for (const [i, call] of calls.entries()) {
    if (!isPlainObject(call)) refuse(`${field}.${i}`, describe(call), 'an object', PLAIN);
  }
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

function whatIs(value: unknown): string {
  if (typeof value === 'number') return String(value);
  const isOdd = typeof value === 'object' || typeof value === 'function' || typeof value === 'bigint';
  return isOdd && value !== null && !Array.isArray(value) ? `a ${typeof value} that JSON cannot hold` : describe(value);
}
