/** The bytes that each token stands for in a text. */

import { bytesOfCharacters } from './byte-alphabet.ts';
import type { TokenizerDefinition } from './definition.ts';
import type { JsonRecord } from './json-fields.ts';

const BYTE_FALLBACK = /^<0x([0-9A-F]{2})>$/;

export interface TokenBytes {
  /** Whether the bytes of all tokens of a text add up to the text: byte-level and byte-fallback vocabularies. */
  readonly exact: boolean;
  readonly of: (id: number) => Uint8Array;
}

/**
 * Tokens of byte-level vocabularies are read in the byte alphabet; elsewhere they are UTF-8, with `<0x0A>` a byte and
 * the word separator of Metaspace a space. Added tokens stand for their own text.
 */
export function tokenBytesOf(definition: TokenizerDefinition): TokenBytes {
  const { tokens, model, decoder, normalizer, preTokenizer } = definition;
  const isByteLevel = decoder.some((part) => part.type === 'ByteLevel');
  const separator = isByteLevel ? undefined : wordSeparator([...normalizer, ...preTokenizer, ...decoder]);
  const literal = new Set(definition.added.map((token) => token.id));
  const utf8 = new TextEncoder();
  const cache: (Uint8Array | undefined)[] = new Array(tokens.length);

  function compute(id: number): Uint8Array {
    const token = tokens[id];
    if (literal.has(id)) return utf8.encode(token);
    if (isByteLevel) return bytesOfCharacters(token) ?? utf8.encode(token);
    const byte = model.byteFallback ? BYTE_FALLBACK.exec(token)?.[1] : undefined;
    if (byte !== undefined) return Uint8Array.of(Number.parseInt(byte, 16));
    return utf8.encode(separator === undefined ? token : token.replaceAll(separator, ' '));
  }

  return {
    exact: isByteLevel || model.byteFallback,
    of: (id) => {
      cache[id] ??= compute(id);
      return cache[id];
    },
  };
}

/** The character that stands for a space, where a component says so. */
function wordSeparator(parts: readonly JsonRecord[]): string | undefined {
  if (parts.some((part) => part.type === 'Metaspace' || part.content === '▁' || part.prepend === '▁')) return '▁';
  const pattern = parts.find((part) => part.type === 'Replace' && part.content === ' ')?.pattern;
  return typeof pattern === 'object' && pattern !== null && 'String' in pattern ? String(pattern.String) : undefined;
}
