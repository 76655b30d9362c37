/** A model that was made by the run is kept, so that stages can start from it again and tasks can be put to it. */
import { join } from 'node:path';
import { manifestFileName } from '../checkpoint/manifest.ts';
import { saveWhole } from './model-kinds.ts';
import { languageOf, type Prepared } from './prepare.ts';
import type { ResultStore } from './results/result-store.ts';

/** @returns the folder with the weights of the base */
export async function keepBase(store: ResultStore, prepared: Prepared): Promise<string> {
  const { base, baseFolder } = prepared;
  if (baseFolder !== undefined) return baseFolder;
  const { current } = languageOf(prepared);
  const { checkpoint } = store.paths(base);
  if ((await store.look(base)).state === 'good') return checkpoint;
  await saveWhole(checkpoint, await current.become({ key: base.key, checkpoint }), { dtype: 'f32', replace: true });
  await store.finish(base, {}, [join(checkpoint, manifestFileName)]);
  return checkpoint;
}
