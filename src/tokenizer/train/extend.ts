/**
 * Adds tokens of a domain to a byte-level BPE tokenizer: merges are learnt on a corpus that the tokenizer has cut already,
 * and come after its own. What it had keeps its ids, and a text without the new words keeps its tokens.
 */

import { UsageError } from '../../errors.ts';
import { bytesOfCharacters } from '../byte-alphabet.ts';
import { readDefinition, type TokenizerDefinition } from '../definition.ts';
import { type SplitStep, splitSteps } from '../split-steps.ts';
import type { Tokenizer, TokenizerFile } from '../tokenizer.ts';
import { WordCounts } from './count-words.ts';
import { learnPairs } from './learn-merges.ts';

const MAX_TOKENS = 1 << 20;
const MAX_WORDS = 4_000_000;

/** Older forms of a vocabulary, which do not know the new tokens. */
const outdated = new Set(['vocab.json', 'merges.txt', 'tokenizer.model']);

export interface ExtendOptions {
  /** New tokens, at most. */
  readonly tokens: number;
  /** A pair must occur this often to become a token. Default 10: rows that are hardly ever read are hardly ever learnt. */
  readonly minFrequency?: number;
  readonly signal?: AbortSignal;
}

interface NewToken {
  readonly id: number;
  /** In the byte alphabet. */
  readonly token: string;
  /** Ids of the tokens that the same bytes were before. */
  readonly pieces: readonly number[];
  /** How often it occurred when it was made. */
  readonly count: number;
}

export interface ExtendedTokenizer {
  readonly files: readonly TokenizerFile[];
  /** In the order of their ids, which begin behind those there were. */
  readonly added: readonly NewToken[];
  readonly documents: number;
}

/**
 * Numbers, marks and spaces do not become tokens: a token holds a letter, or bytes of one, and no digit.
 * @throws UsageError for a tokenizer that is not byte-level BPE, or options outside their range
 */
export async function extendTokenizer(
  tokenizer: Tokenizer,
  documents: AsyncIterable<string> | Iterable<string>,
  { tokens, minFrequency = 10, signal }: ExtendOptions,
): Promise<ExtendedTokenizer> {
  if (!(Number.isInteger(tokens) && tokens >= 1 && tokens <= MAX_TOKENS)) {
    throw refuse('tokens', String(tokens), `an integer from 1 to ${MAX_TOKENS}`, 'Choose tokens in this range.');
  }
  if (!(Number.isInteger(minFrequency) && minFrequency >= 1)) {
    throw refuse('minFrequency', String(minFrequency), 'an integer, 1 or more', 'Choose how often a pair must occur.');
  }
  const { definition, steps, normalize } = partsOf(tokenizer);
  const words = new WordCounts(steps, MAX_WORDS);
  let read = 0;
  for await (const text of documents) {
    signal?.throwIfAborted();
    words.add(normalize(text));
    read++;
  }

  const names = [...definition.tokens];
  const known = new Set(names);
  const pieces: (readonly number[])[] = names.map((_, id) => [id]);
  const added: NewToken[] = [];
  const options = {
    firstSymbol: names.length,
    minFrequency,
    allows: (left: number, right: number) => {
      const joined = names[left] + names[right];
      return !known.has(joined) && isWord(joined);
    },
  };
  const merges: (readonly [left: string, right: string])[] = [];
  for (const { left, right, count } of learnPairs(tokensOf(words, tokenizer), options)) {
    const token = names[left] + names[right];
    merges.push([names[left], names[right]]);
    pieces.push([...pieces[left], ...pieces[right]]);
    added.push({ id: names.push(token) - 1, token, pieces: pieces.at(-1)!, count });
    known.add(token);
    if (added.length === tokens) break;
    signal?.throwIfAborted();
  }
  return { files: withTokens(tokenizer.files, definition, { added, merges }), added, documents: read };
}

interface Parts {
  readonly definition: TokenizerDefinition;
  readonly steps: readonly SplitStep[];
  readonly normalize: (text: string) => string;
}

function partsOf({ kind, files }: Tokenizer): Parts {
  const main = files.find(({ name }) => name === 'tokenizer.json')!;
  const definition = readDefinition(main.bytes, main.name);
  const steps = splitSteps(definition.preTokenizer);
  if (kind !== 'byte-level BPE' || !steps) {
    const fix = 'Train a tokenizer of your own, or transplant the vocabulary of another model.';
    throw refuse('tokenizer', kind, 'byte-level BPE', fix);
  }
  // All parts of a byte-level normalizer are normal forms.
  const forms = definition.normalizer.map(({ type }) => String(type));
  return { definition, steps, normalize: (text) => forms.reduce((normal, form) => normal.normalize(form), text) };
}

function* tokensOf(words: WordCounts, tokenizer: Tokenizer): Generator<readonly [Int32Array, number]> {
  for (const [word, count] of words.entries()) {
    yield [tokenizer.encode(word, { addSpecialTokens: false }), count];
  }
}

const utf8 = new TextDecoder();

/** Bytes that are no UTF-8 may be parts of a letter: they read as U+FFFD. */
function isWord(token: string): boolean {
  const bytes = bytesOfCharacters(token);
  if (!bytes) return false;
  const text = utf8.decode(bytes);
  return /[\p{L}\ufffd]/u.test(text) && !/\p{N}/u.test(text);
}

interface Extension {
  readonly added: readonly NewToken[];
  readonly merges: readonly (readonly [left: string, right: string])[];
}

function withTokens(
  files: readonly TokenizerFile[],
  { json }: TokenizerDefinition,
  { added, merges }: Extension,
): readonly TokenizerFile[] {
  const { model } = json;
  const earlier = model.merges as readonly unknown[];
  // Newer files write a merge as a pair, older ones with a space between its sides.
  const isJoined = typeof earlier[0] === 'string';
  const later = merges.map(([left, right]) => (isJoined ? `${left} ${right}` : [left, right]));
  const extended = {
    ...json,
    model: {
      ...model,
      vocab: { ...(model.vocab as object), ...Object.fromEntries(added.map(({ token, id }) => [token, id])) },
      merges: [...earlier, ...later],
    },
  };
  const bytes = new TextEncoder().encode(`${JSON.stringify(extended)}\n`);
  const kept = files.filter(({ name }) => name !== 'tokenizer.json' && !outdated.has(name));
  return [{ name: 'tokenizer.json', bytes }, ...kept];
}

const refuse = (field: string, found: string, expected: string, fix: string) =>
  new UsageError({ field, found, expected, fix });
