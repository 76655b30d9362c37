/** Text of tokens that come one by one. */

import type { Tokenizer } from '../../tokenizer/tokenizer.ts';
import { ByteText } from './byte-text.ts';
import { decodingRule } from './decoding-rule.ts';
import { PieceText } from './piece-text.ts';
import { WholeText } from './whole-text.ts';

export interface TokenText {
  /** Takes a token; returns the text that no later token can change any more, perhaps none. */
  push(id: number): string;
  /** Takes a token that is left out of the text. */
  skip(): void;
  /** No token follows: the rest of the text. */
  flush(): string;
}

/**
 * All that `push` and `flush` return is `tokenizer.decode` of the tokens. `starts` receives for each token, in order
 * and once it is certain, the byte of the text, in UTF-8, at which the token begins. `context` are the tokens before
 * the text, if it goes on from another one.
 */
export function tokenText(tokenizer: Tokenizer, starts: number[], context: ArrayLike<number>): TokenText {
  const rule = decodingRule(tokenizer);
  if (rule === 'bytes') return new ByteText(tokenizer, starts);
  if (rule === 'whole') return new WholeText(tokenizer, starts);
  return new PieceText(tokenizer, { starts, context, hasBytes: rule === 'byte-runs' });
}
