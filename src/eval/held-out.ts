/** Documents for measuring a model: token ids with the bytes that each document's predicted tokens spell. */
import { createHash } from 'node:crypto';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

interface HeldOutDocument {
  readonly id: string;
  /** What results are reported by beside the total: a file, a genre. */
  readonly source: string;
  readonly ids: Int32Array;
}

export interface HeldOutSet {
  readonly name: string;
  readonly documents: readonly HeldOutDocument[];
}

/**
 * Bytes that the tokens after the first spell. The first token of a document has nothing before it to be predicted from,
 * so neither its loss nor its bytes count.
 */
export function predictedBytes(ids: ArrayLike<number>, tokenizer: Pick<Tokenizer, 'tokenBytes'>): number {
  let bytes = 0;
  for (let i = 1; i < ids.length; i++) bytes += tokenizer.tokenBytes(ids[i]).length;
  return bytes;
}

/** Identifies the documents that a measurement was made on. */
export function heldOutHash({ documents }: HeldOutSet): string {
  const digest = createHash('sha256');
  for (const { id, ids } of documents) digest.update(JSON.stringify([id, ids.length])).update(ids);
  return digest.digest('hex');
}
