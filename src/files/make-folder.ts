import { mkdir, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UsageError } from '../errors.ts';

/**
 * Makes the folder, and those above it, unless it is there.
 * @param purpose completes "a folder for"
 * @returns its absolute path, without links
 * @throws UsageError if that cannot be, because a file is in the way for example
 */
export async function makeFolder(folder: string, purpose: string): Promise<string> {
  try {
    await makeFolders(resolve(folder));
    return await realpath(folder);
  } catch (cause) {
    const problem = { field: resolve(folder), found: (cause as Error).message, expected: `a folder for ${purpose}` };
    throw new UsageError({ ...problem, fix: 'Choose another place for it.' }, { cause });
  }
}

/**
 * Makes the folder, and those above it, one after the other: the system's recursive form never ends where `/proc` says that a
 * folder it has is not there, and calls a folder missing that cannot be written to.
 * @throws what the system says
 */
export async function makeFolders(folder: string): Promise<void> {
  const found = await stat(folder).catch(() => undefined);
  if (found?.isDirectory()) return;
  const above = dirname(folder);
  if (above !== folder) await makeFolders(above);
  await mkdir(folder).catch(async (error: NodeJS.ErrnoException) => {
    const made = await stat(folder).catch(() => undefined);
    // Another process may have made it meanwhile.
    if (!made?.isDirectory()) throw error;
  });
}
