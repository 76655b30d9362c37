import { mkdir, realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { UsageError } from '../errors.ts';

/**
 * Makes the folder, and those above it, unless it is there.
 * @param purpose completes "a folder for"
 * @returns its absolute path, without links
 * @throws UsageError if that cannot be, because a file is in the way for example
 */
export async function makeFolder(folder: string, purpose: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true });
    return await realpath(folder);
  } catch (cause) {
    const problem = { field: resolve(folder), found: (cause as Error).message, expected: `a folder for ${purpose}` };
    throw new UsageError({ ...problem, fix: 'Choose another place for it.' }, { cause });
  }
}
