/** The tokens of a vocabulary as a tree of their bytes, so that one walk tries all of them. */

import { UsageError } from '../../errors.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import { GROUP_OF } from './byte-groups.ts';

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
  /** [nodes] bit g is set if a byte of group g (`GROUP_OF`) leads to a node below this one. */
  readonly groups: Uint32Array;
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
  const most = texts.reduce((sum, text) => sum + text.length, 1);
  const byte = new Uint8Array(most);
  const depth = new Uint16Array(most);
  const end = new Int32Array(most);
  const tokenStart = new Int32Array(most + 1);
  const groups = new Uint32Array(most);
  const alphabet = new Uint8Array(256);
  /** The node at each depth on the way to the last token. */
  const path = new Int32Array(MAX_TOKEN_BYTES + 1);
  let nodes = 1;
  let maxDepth = 0;
  let previous = '';

  /** Ends the nodes of the path that are deeper than `kept`; nothing comes below them any more. */
  const close = (kept: number): void => {
    for (let at = previous.length; at > kept; at--) {
      end[path[at]] = nodes;
      groups[path[at - 1]] |= groups[path[at]] | (1 << GROUP_OF[byte[path[at]]]);
    }
  };

  texts.forEach((text, index) => {
    const shared = commonLength(previous, text);
    close(shared);
    for (let at = shared; at < text.length; at++) {
      byte[nodes] = text.charCodeAt(at);
      depth[nodes] = at + 1;
      tokenStart[nodes] = index;
      path[at + 1] = nodes++;
    }
    if (text.length === 1) alphabet[byte[path[1]]] = 1;
    maxDepth = Math.max(maxDepth, text.length);
    previous = text;
  });
  close(0);
  end[0] = nodes;
  tokenStart[nodes] = ids.length;
  return {
    tokenizer,
    byte: byte.slice(0, nodes),
    depth: depth.slice(0, nodes),
    end: end.slice(0, nodes),
    tokenStart: tokenStart.slice(0, nodes + 1),
    groups: groups.slice(0, nodes),
    ids,
    maxDepth,
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

function commonLength(a: string, b: string): number {
  let length = 0;
  while (length < a.length && length < b.length && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return length;
}
