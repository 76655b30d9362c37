/** What there is to know about a tokenizer, as data. */

import type { Tokenizer } from './tokenizer.ts';
import { wellFormed } from './well-formed.ts';

interface TokenInfo {
  readonly id: number;
  /** As written in the vocabulary: bytes of byte-level vocabularies in the byte alphabet. */
  readonly token: string;
}

export interface TokenizerInfo {
  readonly kind: string;
  readonly vocabSize: number;
  readonly hash: string;
  readonly bosId: number | null;
  readonly eosId: number | null;
  readonly padId: number | null;
  readonly special: readonly TokenInfo[];
  /** Control tokens that are not special: decoding keeps them, plain text never becomes them. */
  readonly marks: readonly TokenInfo[];
  /** The longest tokens of text, with their lengths in bytes; equal lengths by id. */
  readonly longest: readonly (TokenInfo & { readonly bytes: number })[];
  readonly text?: TextStatistics;
}

/** How well a vocabulary fits a text. */
export interface TextStatistics {
  /** UTF-8 bytes. */
  readonly bytes: number;
  /** Unicode code points. */
  readonly characters: number;
  readonly tokens: number;
  /** Compression: higher is better. 0 for an empty text. */
  readonly bytesPerToken: number;
  readonly charactersPerToken: number;
  /** Different tokens that the text uses. */
  readonly distinctTokens: number;
  /** Share of tokens that stand for a single byte. */
  readonly singleByteShare: number;
}

export interface InfoOptions {
  /** Measure the vocabulary on this text. */
  readonly text?: string;
  /** How many of the longest tokens. Default 20. */
  readonly longest?: number;
}

export function tokenizerInfo(tokenizer: Tokenizer, { text, longest = 20 }: InfoOptions = {}): TokenizerInfo {
  const token = (id: number): TokenInfo => ({ id, token: tokenizer.tokenOf(id) ?? '' });
  const sorted = (ids: Iterable<number>): readonly TokenInfo[] => [...ids].sort((a, b) => a - b).map(token);
  return {
    kind: tokenizer.kind,
    vocabSize: tokenizer.vocabSize,
    hash: tokenizer.hash,
    bosId: tokenizer.bosId ?? null,
    eosId: tokenizer.eosId ?? null,
    padId: tokenizer.padId ?? null,
    special: sorted(tokenizer.specialIds),
    marks: sorted([...tokenizer.controlIds].filter((id) => !tokenizer.specialIds.has(id))),
    longest: Array.from({ length: tokenizer.vocabSize }, (_, id) => id)
      .filter((id) => !tokenizer.controlIds.has(id))
      .map((id) => ({ ...token(id), bytes: tokenizer.tokenBytes(id).length }))
      .sort((a, b) => b.bytes - a.bytes || a.id - b.id)
      .slice(0, longest),
    ...(text !== undefined && { text: textStatistics(tokenizer, text) }),
  };
}

/** Encodes `text` without framing tokens and counts. */
export function textStatistics(tokenizer: Tokenizer, text: string): TextStatistics {
  const ids = tokenizer.encode(text, { addSpecialTokens: false });
  const bytes = Buffer.byteLength(text);
  const wellFormedText = wellFormed(text);
  // Every low surrogate of well-formed text is the second half of a character.
  const characters = wellFormedText.length - (wellFormedText.match(/[\udc00-\udfff]/g)?.length ?? 0);
  const perToken = (amount: number): number => (ids.length === 0 ? 0 : amount / ids.length);
  const singles = ids.reduce((count, id) => count + (tokenizer.tokenBytes(id).length === 1 ? 1 : 0), 0);
  return {
    bytes,
    characters,
    tokens: ids.length,
    bytesPerToken: perToken(bytes),
    charactersPerToken: perToken(characters),
    distinctTokens: new Set(ids).size,
    singleByteShare: perToken(singles),
  };
}
