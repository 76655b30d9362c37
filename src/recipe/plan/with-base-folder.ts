/** The base of a run as a folder, for what reads files, before anything is done. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { saveWhole } from '../model-kinds.ts';
import { languageOf, type Prepared } from '../prepare.ts';

/** A base that would be made by the run is written for the time being. */
export async function withBaseFolder<T>(prepared: Prepared, use: (folder: string) => Promise<T>): Promise<T> {
  const { base, baseFolder } = prepared;
  if (baseFolder !== undefined) return use(baseFolder);
  const temporary = await mkdtemp(join(tmpdir(), 'finery-plan-'));
  try {
    const folder = join(temporary, 'base');
    const model = await languageOf(prepared).current.become({ key: base.key, checkpoint: folder });
    await saveWhole(folder, model, { dtype: 'f32' });
    return await use(folder);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
