/**
 * A language model small enough to be recomputed by a test: tokens are words with the space before them, and the
 * log-probability of a token depends on it and on the one before.
 */
import { createHash } from 'node:crypto';

export interface ToyToken {
  readonly token: string;
  readonly logProbability: number | null;
  readonly likeliest: boolean;
}

/** A character outside the basic plane is two tokens, each with part of its bytes, as byte-level vocabularies have it. */
function toyTokens(text: string): string[] {
  const pieces = text.match(/ ?[\p{L}\p{N}]+|\s|[^\s\p{L}\p{N}]/gu) ?? [];
  return pieces.flatMap((piece) =>
    piece.length === 2 && piece.codePointAt(0)! > 0xffff ? ['\ufffd', '\ufffd'] : [piece],
  );
}

/** @param before what the server puts before every text, such as `<s>` */
export function toyScores(text: string, before: readonly string[] = []): ToyToken[] {
  const tokens = [...before, ...toyTokens(text)];
  return tokens.map((token, i) => {
    if (i === 0) return { token, logProbability: null, likeliest: false };
    const hash = createHash('sha256')
      .update(JSON.stringify([tokens[i - 1], token]))
      .digest();
    return { token, logProbability: -(1 + hash.readUInt16LE(0)) / 8_192, likeliest: hash[2] % 2 === 0 };
  });
}

/** The lists of a completion. A token that is not the likeliest has one above it. */
export function toyLogprobs(scores: readonly ToyToken[]) {
  let offset = 0;
  return {
    tokens: scores.map(({ token }) => token),
    token_logprobs: scores.map(({ logProbability }) => logProbability),
    text_offset: scores.map(({ token }) => {
      offset += token.length;
      return offset - token.length;
    }),
    top_logprobs: scores.map(({ token, logProbability, likeliest }) => {
      if (logProbability === null) return null;
      return { ...(!likeliest && { other: logProbability / 2 }), [token]: logProbability };
    }),
  };
}
