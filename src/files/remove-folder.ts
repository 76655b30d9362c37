/** Folders that go whole: a process that dies while it deletes one leaves nothing that looks like it. */
import { rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { cleanLeftovers, exists, releaseTemporaryName, takeTemporaryName } from './temporary-name.ts';

/** Removes the folder at `path`, if there is one, and what was left by processes that died while they removed it. */
export async function removeFolder(path: string): Promise<void> {
  const target = resolve(path);
  if (!(await exists(dirname(target)))) return;
  await cleanLeftovers(target);
  const temporary = takeTemporaryName(target, 'tmp');
  try {
    await rename(target, temporary);
    await rm(temporary, { recursive: true, force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  } finally {
    releaseTemporaryName(temporary);
  }
}
