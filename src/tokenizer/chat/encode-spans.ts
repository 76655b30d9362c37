import { encodeContinuation } from '../encode-continuation.ts';
import type { Tokenizer } from '../tokenizer.ts';
import type { ChatSpan } from './render-chat.ts';

export interface EncodedChat {
  /** [tokens] */
  readonly ids: Int32Array;
  /** [tokens] 1 where a model is trained to say the token. */
  readonly trained: Uint8Array;
}

/**
 * The ids of a rendered chat. Text of the template may become special tokens, text of messages never does, whatever is
 * written in it.
 *
 * Each span is encoded alone, so that no token crosses the border between a template and the content in it: a model then
 * sees the same frame around any content, and every token is either trained on or not. transformers encodes the whole
 * text at once, and where no special token lies on the border its ids can differ by a token there (a newline of the
 * template and one that begins a content are one token in some vocabularies). Servers that do the same as transformers
 * then show the model that one token.
 */
export function encodeSpans(tokenizer: Tokenizer, spans: readonly ChatSpan[]): EncodedChat {
  const parts = spans.map(({ text, source }, i) => {
    const allowSpecial = source === 'template';
    return i === 0
      ? tokenizer.encode(text, { addSpecialTokens: false, allowSpecial })
      : encodeContinuation(tokenizer, text, { allowSpecial });
  });
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const ids = new Int32Array(length);
  const trained = new Uint8Array(length);
  let at = 0;
  for (const [i, part] of parts.entries()) {
    ids.set(part, at);
    if (spans[i].trained) trained.fill(1, at, at + part.length);
    at += part.length;
  }
  return { ids, trained };
}
