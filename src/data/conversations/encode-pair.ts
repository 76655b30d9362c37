/**
 * An example as an encoder-decoder learns it: ids of a text, then those of the answer to it, which alone are learnt. Either
 * side has the end that the tokenizer puts behind a text. Such a model has no turns, so no chat template writes them: the
 * messages before the answer are one text, with an empty line between two.
 */
import { InputError } from '../../errors.ts';
import type { EncodedChat } from '../../tokenizer/chat/encode-spans.ts';
import { type JsonObject, JsonReader, readMessages } from '../../tokenizer/chat/messages.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import type { Completion, Conversation, Example } from './example.ts';

/** @throws InputError for a conversation with another answer to learn than its last message, or one that is no text */
export function encodePair(example: Example, tokenizer: Tokenizer): EncodedChat {
  const { prompt, completion } = 'messages' in example ? asCompletion(example) : example;
  const input = framed(tokenizer, prompt);
  // White space that separates an answer from what it goes on from is no part of a text of its own.
  const target = framed(tokenizer, withoutEnd(completion, tokenizer).trimStart());
  return {
    ids: Int32Array.from([...input, ...target]),
    trained: new Uint8Array(input.length + target.length).fill(1, input.length),
  };
}

/** Tokens of the sides of an encoded pair. */
export interface PairSides {
  readonly input: number;
  readonly target: number;
}

export function sidesOf(trained: Uint8Array): PairSides {
  const input = trained.indexOf(1);
  return { input, target: trained.length - input };
}

/** Whether neither side of a pair has more than `length` tokens. */
export const fitsRows = ({ input, target }: PairSides, length: number): boolean => input <= length && target <= length;

function asCompletion({ messages, tools, untrained }: Conversation): Completion {
  if (tools !== undefined) throw refuse('tools', 'tools', 'none, which only a chat template writes', 'Leave them out.');
  const learnt = messages.flatMap(({ role }, i) => (role === 'assistant' && !untrained.has(i) ? [i] : []));
  const [answer = -1] = learnt;
  if (learnt.length > 1 || answer !== messages.length - 1 || answer === 0) {
    throw refuse(
      'messages',
      learnt.length > 1
        ? `${learnt.length} answers to learn`
        : `an answer to learn at place ${answer + 1} of ${messages.length}`,
      'one, at the end: an encoder-decoder learns one answer to a text',
      'Say "trained": false of answers before the last, or make a record for each of them.',
    );
  }
  const checked = readMessages(messages, new JsonReader(), { keepParts: false, extraRoles: [] });
  const texts = checked.map((message, i) => textOf(message, `messages.${i}`));
  return { prompt: texts.slice(0, -1).join('\n\n').trimEnd(), completion: texts[answer] };
}

function textOf({ content }: JsonObject, field: string): string {
  if (typeof content === 'string' && content.trim() !== '') return content;
  throw refuse(`${field}.content`, 'no text', 'text, without calls of tools', 'Write what is said as text.');
}

/** Some files write the end as text, which would be learnt letter by letter before the token that it names. */
export function withoutEnd(text: string, tokenizer: Tokenizer): string {
  const { eosId } = tokenizer;
  const end = eosId === undefined ? '' : tokenizer.decode([eosId]);
  return end !== '' && text.endsWith(end) ? text.slice(0, -end.length) : text;
}

function framed(tokenizer: Tokenizer, text: string): Int32Array {
  const ids = tokenizer.encode(text);
  const { eosId } = tokenizer;
  return eosId === undefined || ids.at(-1) === eosId ? ids : Int32Array.from([...ids, eosId]);
}

const refuse = (field: string, found: string, expected: string, fix: string): InputError =>
  new InputError({ field, found, expected, fix });
