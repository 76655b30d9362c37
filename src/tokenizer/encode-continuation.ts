import type { Tokenizer } from './tokenizer.ts';

/**
 * Texts behind one of which the continuation is encoded, to be taken off again: the first that is there (newlines are
 * dropped by some tokenizers) and that no token joins to the continuation.
 */
const anchors = ['\n', '.'];

export interface ContinuationOptions {
  /** Let special tokens written in the text become their ids. Default false. */
  readonly allowSpecial?: boolean;
}

/**
 * The ids of a text that goes on from another one, without special tokens around it: decoded behind any text, they add
 * just `text`. Vocabularies with ▁ put one before any text that is encoded alone, which would be a space where none is
 * meant. A tokenizer that changes the texts it is given (to lower case, say) spells this one as it spells all others.
 * @throws InputError for text that the vocabulary cannot spell
 */
export function encodeContinuation(
  tokenizer: Tokenizer,
  text: string,
  { allowSpecial = false }: ContinuationOptions = {},
): Int32Array {
  const encode = (some: string): Int32Array => tokenizer.encode(some, { addSpecialTokens: false, allowSpecial });
  const alone = encode(text);
  if (tokenizer.kind === 'byte-level BPE' || text === '') return alone;
  for (const anchor of anchors) {
    const before = encode(anchor);
    const whole = encode(anchor + text);
    if (before.length > 0 && before.every((id, i) => whole[i] === id)) return whole.subarray(before.length);
  }
  return alone;
}
