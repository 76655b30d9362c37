/** The merges of a SentencePiece BPE vocabulary, which has a score for each token where `tokenizer.json` has pairs in order. */
import { InputError } from '../../../errors.ts';

/** Characters that are compared for all tokens together: 262 thousand tokens of 20 characters take a tenth of it. */
const MAX_COMPARED = 2 ** 30;

export type Merge = readonly [left: number, right: number, merged: number];

export interface ScoredTokens {
  readonly tokens: readonly string[];
  /** By id; the adjacent pair whose union has the highest score is joined first. */
  readonly scores: readonly number[];
  /** Whether a token is made of others, or part of another. */
  isJoined(id: number): boolean;
}

/**
 * Every way to make one token of two, the best score first. Within a token, and among equal scores, the longer left side is
 * first, then the longer right side, then the lower id: the order of `generate_merges` in transformers.
 *
 * @throws InputError, naming `field`, for tokens so long that their splits are too many
 */
export function mergesOfScores({ tokens, scores, isJoined }: ScoredTokens, field: string): readonly Merge[] {
  const ids = new Map<string, number>();
  let compared = 0;
  for (const [id, token] of tokens.entries()) {
    if (!isJoined(id)) continue;
    ids.set(token, id);
    compared += token.length ** 2;
  }
  if (compared > MAX_COMPARED) {
    const fix = 'The vocabulary is not one of SentencePiece.';
    throw new InputError({ field, found: 'tokens of great length', expected: 'pieces of words', fix });
  }
  const merges: Merge[] = [];
  for (const [token, merged] of ids) {
    for (let end = 1; end < token.length; end++) {
      const left = ids.get(token.slice(0, end));
      if (left === undefined) continue;
      const right = ids.get(token.slice(end));
      if (right !== undefined) merges.push([left, right, merged]);
    }
  }
  const lengths = tokens.map((token) => [...token].length);
  return merges.sort(
    (a, b) =>
      scores[b[2]] - scores[a[2]] || lengths[b[0]] - lengths[a[0]] || lengths[b[1]] - lengths[a[1]] || a[2] - b[2],
  );
}
