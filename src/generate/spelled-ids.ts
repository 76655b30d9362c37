/**
 * The ids that a tokenizer spells, as a mask for sampling. Tables of embeddings are often longer than their tokenizer, to a
 * round number of rows; training drives those ids down, but a new model gives them as readily as any other.
 * @returns one bit per id, as `Sampler.next` reads it; undefined where every id is spelled
 */
export function spelledIds(spelled: number, vocabulary: number): Uint32Array | undefined {
  if (spelled >= vocabulary) return undefined;
  const mask = new Uint32Array(Math.ceil(vocabulary / 32)).fill(0xffffffff, 0, Math.floor(spelled / 32));
  if (spelled % 32 !== 0) mask[Math.floor(spelled / 32)] = 2 ** (spelled % 32) - 1;
  return mask;
}
