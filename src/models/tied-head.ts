/**
 * Whether a head that a configuration calls tied is the embedding. A table of other values that is stored beside it is a head
 * of its own, as in `transformers` 5. Loads no code of models: merging asks it of architectures that we do not compute.
 */
import { areEqual, type StoredTensors } from './stored-weights.ts';

export const headName = 'lm_head.weight';

/** Whether there are both tables, and they differ. */
export async function hasOwnHead(stored: StoredTensors, embedding: string): Promise<boolean> {
  const isDouble = [headName, embedding].every((name) => stored.tensors.has(name));
  return isDouble && !(await areEqual(stored, headName, embedding));
}

/** What is said where `hasOwnHead` although the configuration calls the head tied. */
export const ownHeadWarning = (folder: string): string =>
  `${folder}: ${headName} is another table than the embedding, so the head is not tied to it, although config.json says so.`;
