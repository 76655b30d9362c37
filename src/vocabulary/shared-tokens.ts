/** Which tokens of two vocabularies are the same: those that stand for the same bytes, and special ones by name or role. */
import { BYTE_CHARACTERS } from '../tokenizer/byte-alphabet.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

/** What a token is, whatever the vocabulary spells it in. */
function keysOf(tokenizer: Tokenizer, id: number): readonly string[] {
  if (!tokenizer.controlIds.has(id)) return [`bytes ${Buffer.from(tokenizer.tokenBytes(id)).toString('latin1')}`];
  const { bosId, eosId, padId } = tokenizer;
  const roles = Object.entries({ bosId, eosId, padId }).flatMap(([role, of]) => (of === id ? [role] : []));
  return [`control ${tokenizer.tokenOf(id)}`, ...roles];
}

/** For each id of `to` the one of `from` that is the same token, or -1. A name goes before a role. */
export function sharedTokens(from: Tokenizer, to: Tokenizer): Int32Array {
  const ids = new Map<string, number>();
  for (let id = 0; id < from.vocabSize; id++) {
    for (const key of keysOf(from, id)) if (!ids.has(key)) ids.set(key, id);
  }
  return Int32Array.from({ length: to.vocabSize }, (_, id) => {
    const key = keysOf(to, id).find((each) => ids.has(each));
    return key === undefined ? -1 : ids.get(key)!;
  });
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Ids of `from` that spell a token of `to`; none where it is special, or `from` cannot spell it. */
export function piecesOf(from: Tokenizer, to: Tokenizer, id: number): readonly number[] {
  if (to.controlIds.has(id)) return [];
  const bytes = to.tokenBytes(id);
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch {
    // A part of a character: byte by byte, where there are tokens for bytes.
    const ids = Array.from(bytes, (byte) => from.idOf(BYTE_CHARACTERS[byte]) ?? from.idOf(fallbackName(byte)));
    return ids.every((each) => each !== undefined) ? ids : [];
  }
  return text === '' ? [] : Array.from(from.encode(text, { addSpecialTokens: false }));
}

const fallbackName = (byte: number): string => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`;
