/** Hash of what a model's folder says about vectors, wherever it lies: of two with the same weights, equal hashes make equal vectors. */
import { readSentenceModules } from '../../embed/sentence-modules.ts';
import { hashOf } from './plan-stages.ts';

/** @throws as `readSentenceModules` */
export async function modulesHash(folder: string): Promise<string> {
  const { model: _, ...said } = (await readSentenceModules(folder)) ?? { model: folder };
  return hashOf(said);
}
