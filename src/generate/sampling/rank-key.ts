/**
 * One number per token that orders the vocabulary: higher logits first, then lower ids. The bits of a float32, mapped so
 * that they order as integers, stand above 21 bits of id: 53 bits in all, which a double holds exactly. No two tokens have
 * the same key, so that selecting by key has no ties to break.
 */

const idRange = 2 ** 21;

/** Vocabularies have to be no larger than this. */
export const largestVocabulary = idRange;

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The key of token `id` with this logit, which is a float32 and not NaN. */
export function rankKey(logit: number, id: number): number {
  // Adding zero turns -0 into 0: the two are equal and the ids have to decide.
  float[0] = logit + 0;
  // The order of negative floats is the reverse of that of their magnitude bits.
  const ordered = bits[0] ^ ((bits[0] >> 31) & 0x7fffffff);
  return (ordered + 2 ** 31) * idRange + (idRange - 1 - id);
}

export function idOfRankKey(key: number): number {
  return idRange - 1 - (key % idRange);
}
