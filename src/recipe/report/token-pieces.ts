/** An answer's text, cut where its tokens end, so that each piece can show how probable it was. */
import type { Sample } from '../../stages/samples/generate-samples.ts';

export interface TokenPiece {
  readonly text: string;
  /** Of all its tokens together, in nats; null where one of them is unknown. */
  readonly logprob: number | null;
}

/** How far ahead a token is looked for when the one before it was not there as it was written. */
const LOOKAHEAD = 64;

/**
 * Pieces whose texts make up exactly the text. Tokens alone need not: half a character has no text of its own, and a special
 * token none in the answer. Tokens that are not found where they should be are one piece with their neighbours.
 */
export function tokenPieces({ text, tokens, logprobs }: Pick<Sample, 'text' | 'tokens' | 'logprobs'>): TokenPiece[] {
  const pieces: TokenPiece[] = [];
  let at = 0;
  let waiting: (number | null)[] = [];
  const push = (end: number) => {
    if (end > at) {
      pieces.push({ text: text.slice(at, end), logprob: sumOf(waiting) });
      waiting = [];
    }
    at = end;
  };
  for (const [i, token] of tokens.entries()) {
    const logprob = logprobs[i] ?? null;
    const found = token === '' ? -1 : text.slice(at, at + LOOKAHEAD + token.length).indexOf(token);
    if (found < 0 || (found > 0 && waiting.length === 0)) {
      waiting.push(logprob);
      continue;
    }
    push(at + found);
    waiting.push(logprob);
    push(at + token.length);
  }
  // What was not found by the end has written what is left, if anything is.
  push(text.length);
  return pieces;
}

function sumOf(logprobs: readonly (number | null)[]): number | null {
  if (logprobs.length === 0) return null;
  return logprobs.reduce<number | null>((sum, each) => (sum === null || each === null ? null : sum + each), 0);
}
