/**
 * What a record of instruction data may be, checked where it comes in:
 *
 *     {"messages": [{"role": "user", "content": "..."}, {"role": "assistant", "content": "...", "trained": false}, ...]}
 *     {"prompt": "...", "completion": "..."}            text as it is: the completion is learnt, and the end token after it
 *     {"prompt": [messages], "completion": [messages]}  a conversation of which the answers in `completion` are learnt
 *
 * Names and meanings are those of TRL; `weight` 0 or 1 in place of `trained` is how OpenAI's files write it. `tools` beside
 * messages are handed to the chat template.
 */
import { InputError } from '../../errors.ts';
import type { ChatMessage } from '../../tokenizer/chat/messages.ts';
import { describe } from '../readers/json-object.ts';

export interface Conversation {
  /** Without the flags of training. */
  readonly messages: readonly ChatMessage[];
  readonly tools?: readonly unknown[];
  /** Places of the answers that are context only. */
  readonly untrained: ReadonlySet<number>;
  /** What the last answer begins with before a model goes on: read and not learnt. Default nothing. */
  readonly given?: string;
}

export interface Completion {
  readonly prompt: string;
  readonly completion: string;
}

export type Example = Conversation | Completion;

type Message = Readonly<Record<string, unknown>>;

/** What other programs call `trained`: a flag that nobody reads would teach what it was set against. */
const OTHER_FLAGS = ['train', 'trainable', 'loss'] as const;

const FORMS = '"messages", or "prompt" and "completion"';

/** @throws InputError whose field is a path in the record, such as `messages.3.content` */
export function readExample(fields: Readonly<Record<string, unknown>>): Example {
  const { prompt, completion } = fields;
  const [messages, tools] = [fields.messages ?? undefined, fields.tools ?? undefined];
  if (messages !== undefined) {
    if (prompt != null || completion != null) {
      throw refuse('messages', 'messages and a prompt or completion', FORMS, 'Keep one of the forms.');
    }
    return conversation(listOf(messages, 'messages'), tools);
  }
  if (prompt == null || completion == null) {
    const present = Object.keys(fields).filter((name) => fields[name] !== undefined);
    const names = present.slice(0, 20).join(', ');
    throw refuse(
      'record',
      `the fields ${names || 'of an empty object'}`,
      FORMS,
      'Say under fields how they are named.',
    );
  }
  if (typeof prompt !== 'string' || typeof completion !== 'string') {
    const asked = listOf(prompt, 'prompt');
    const answers = listOf(completion, 'completion');
    return conversation([...asked, ...answers], tools, asked.length);
  }
  if (prompt === '') throw refuse('prompt', 'no text', 'text that the completion goes on from', 'Give a prompt.');
  if (completion.trim() === '') throw refuse('completion', 'no text', 'text to learn', 'Leave the record out.');
  return { prompt, completion };
}

/** The first `context` messages are not learnt. */
function conversation(messages: readonly Message[], tools: unknown, context = 0): Conversation {
  const untrained = new Set(Array.from({ length: context }, (_, i) => i));
  const bare = messages.map(({ trained, weight, ...message }, i) => {
    const field = `messages.${i}`;
    const other = OTHER_FLAGS.find((name) => typeof message[name] === 'boolean' || typeof message[name] === 'number');
    if (other) {
      throw refuse(`${field}.${other}`, JSON.stringify(message[other]), '"trained": true or false', 'Call it trained.');
    }
    if (readFlag({ trained, weight }, message.role, field) === false) untrained.add(i);
    if (message.role === 'assistant' && saysNothing(message)) {
      throw refuse(`${field}.content`, 'an empty answer', 'text or tool_calls', 'Write the answer, or leave it out.');
    }
    if (message.role === 'user' && messages[i - 1]?.role === 'user') {
      const fix = 'Join them, or put the missing answer between them.';
      throw refuse(field, 'two user turns in a row', 'turns that alternate', fix);
    }
    return message as ChatMessage;
  });
  if (!bare.some(({ role }, i) => role === 'assistant' && !untrained.has(i))) {
    const found = untrained.size > 0 ? 'only answers that are not to be learnt' : 'no answer of an assistant';
    throw refuse('messages', found, 'an answer to learn', 'Leave the record out.');
  }
  return { messages: bare, untrained, ...(tools !== undefined && { tools: listOf(tools, 'tools') }) };
}

interface Flags {
  readonly trained: unknown;
  readonly weight: unknown;
}

/** Whether a message is learnt; undefined where it does not say. */
function readFlag({ trained, weight }: Flags, role: unknown, field: string): boolean | undefined {
  if (trained == null && weight == null) return undefined;
  if (trained != null && weight != null) {
    throw refuse(field, 'both trained and weight', 'one of them', 'Keep trained.');
  }
  const name = trained != null ? 'trained' : 'weight';
  const value = trained ?? weight;
  const isFlag = name === 'trained' ? typeof value === 'boolean' : value === 0 || value === 1;
  if (!isFlag) {
    const expected = name === 'trained' ? 'true or false' : '0 or 1';
    throw refuse(`${field}.${name}`, JSON.stringify(value)?.slice(0, 80) ?? String(value), expected, 'Correct it.');
  }
  if (value && role !== 'assistant') {
    throw refuse(
      `${field}.${name}`,
      `a ${String(role).slice(0, 40)} message to be learnt`,
      'assistant messages only',
      'Remove the flag.',
    );
  }
  return Boolean(value);
}

function saysNothing({ content, tool_calls: calls }: Message): boolean {
  const hasCalls = Array.isArray(calls) && calls.length > 0;
  const isEmpty = content == null || (typeof content === 'string' ? content.trim() === '' : isEmptyList(content));
  return isEmpty && !hasCalls;
}

const isEmptyList = (value: unknown): boolean => Array.isArray(value) && value.length === 0;

function listOf(value: unknown, field: string): readonly Message[] {
  if (!Array.isArray(value)) throw refuse(field, describe(value), 'a list', 'Correct the field.');
  return value.map((entry, i) => {
    if (typeof entry === 'object' && entry !== null && !Array.isArray(entry)) return entry;
    throw refuse(`${field}.${i}`, describe(entry), 'an object', 'Correct the entry.');
  });
}

function refuse(field: string, found: string, expected: string, fix: string): InputError {
  return new InputError({ field, found, expected, fix });
}
