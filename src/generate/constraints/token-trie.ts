/** The tokens of a vocabulary as a tree of their bytes, so that one walk tries all of them. */

import { UsageError } from '../../errors.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';

/** Longer tokens are runs of spaces or dashes that can be written with shorter ones; they are left out. */
const MAX_TOKEN_BYTES = 1_024;

/**
 * Nodes in depth-first order, the root first, so that the nodes below one follow it directly and tokens below it are
 * neighbours.
 */
export interface TokenTrie {
  readonly tokenizer: Tokenizer;
  /** [nodes] the byte that leads to a node; 0 at the root. */
  readonly byte: Uint8Array;
  /** [nodes] bytes from the root. */
  readonly depth: Uint16Array;
  /** [nodes] the first node that is not below this one. */
  readonly end: Int32Array;
  /** [nodes + 1] the tokens that end at node n are those from ids[tokenStart[n]] to ids[tokenStart[n + 1] - 1]. */
  readonly tokenStart: Int32Array;
  /** Token ids in the order of their bytes. */
  readonly ids: Int32Array;
  /** Bytes of the longest token. */
  readonly maxDepth: number;
  /** [256] whether there is a token of this byte alone. */
  readonly alphabet: Uint8Array;
}

const tries = new WeakMap<Tokenizer, TokenTrie>();

/**
 * The tree of a tokenizer's tokens, made once. Control and special tokens stand for no text and are left out. Throws a
 * `UsageError` for a tokenizer that cannot say which bytes a token stands for.
 */
export function tokenTrie(tokenizer: Tokenizer): TokenTrie {
  let trie = tries.get(tokenizer);
  if (trie === undefined) {
    trie = build(tokenizer);
    tries.set(tokenizer, trie);
  }
  return trie;
}

function build(tokenizer: Tokenizer): TokenTrie {
  if (!tokenizer.exactBytes) {
    throw new UsageError({
      field: 'tokenizer',
      found: `${tokenizer.kind}, whose tokens do not stand for exact bytes`,
      expected: 'a byte-level or byte-fallback vocabulary',
      fix: 'Generate without a constraint, or use another model.',
    });
  }
  const { ids, texts } = sortedTokens(tokenizer);
  const bytes: number[] = [0];
  const depths: number[] = [0];
  const tokenStart: number[] = [0];
  /** The nodes from the root to the last token. */
  const path = [0];
  const ends: number[] = [0];
  let previous = '';
  texts.forEach((token, index) => {
    const shared = commonLength(previous, token);
    closePath(path, shared, ends, bytes.length);
    for (let depth = shared; depth < token.length; depth++) {
      path.push(bytes.length);
      bytes.push(token.charCodeAt(depth));
      depths.push(depth + 1);
      tokenStart.push(index);
    }
    previous = token;
  });
  closePath(path, -1, ends, bytes.length);
  tokenStart.push(ids.length);

  const alphabet = new Uint8Array(256);
  for (const token of texts) if (token.length === 1) alphabet[token.charCodeAt(0)] = 1;
  return {
    tokenizer,
    byte: Uint8Array.from(bytes),
    depth: Uint16Array.from(depths),
    end: Int32Array.from(ends),
    tokenStart: Int32Array.from(tokenStart),
    ids,
    maxDepth: depths.reduce((a, b) => Math.max(a, b)),
    alphabet,
  };
}

/** The tokens that stand for text in the order of their bytes, which are written as the characters U+0000 to U+00FF. */
function sortedTokens(tokenizer: Tokenizer): { ids: Int32Array; texts: string[] } {
  const tokens: { id: number; text: string }[] = [];
  for (let id = 0; id < tokenizer.vocabSize; id++) {
    if (!standsForText(tokenizer, id)) continue;
    const bytes = tokenizer.tokenBytes(id);
    if (bytes.length > 0 && bytes.length <= MAX_TOKEN_BYTES)
      tokens.push({ id, text: Buffer.from(bytes).toString('latin1') });
  }
  tokens.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : a.id - b.id));
  return { ids: Int32Array.from(tokens, ({ id }) => id), texts: tokens.map(({ text }) => text) };
}

/** Whether a token is written as text, rather than controlling something or beginning, ending or padding a sequence. */
export function standsForText(tokenizer: Tokenizer, id: number): boolean {
  const { controlIds, specialIds, bosId, eosId, padId } = tokenizer;
  const isReserved = controlIds.has(id) || specialIds.has(id) || id === bosId || id === eosId || id === padId;
  return !isReserved && tokenizer.tokenOf(id) !== undefined;
}

/** Ends the nodes deeper than `depth`, which stand at the end of the path. */
function closePath(path: number[], depth: number, ends: number[], end: number): void {
  while (path.length > depth + 1) ends[path.pop()!] = end;
}

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}
