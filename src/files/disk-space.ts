/** A full disk is told to the user as such: before a large write where possible, afterwards where not. */
import { statfs } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { UsageError } from '../errors.ts';

/** @throws UsageError if the file system of `path`, which need not exist yet, has less than `bytes` free. */
export async function requireDiskSpace(path: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await nearestFileSystem(resolve(path));
  const free = bavail * bsize;
  if (free < bytes) throw diskError(path, `${free} bytes free on its disk`, `at least ${bytes} bytes`);
}

const shortages: Readonly<Record<string, string | undefined>> = {
  ENOSPC: 'a full disk while writing',
  EDQUOT: 'an exhausted disk quota while writing',
  EFBIG: 'the size limit of files (ulimit -f) while writing',
};

/**
 * The error to throw for `error`, which came up while writing `path`: one that explains a full disk, or itself.
 * @param left what became of what had been written, with what to do
 */
export function explainDiskFull(path: string, error: unknown, left = nothingLeft): unknown {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const found = typeof code === 'string' ? shortages[code] : undefined;
  return found === undefined ? error : diskError(path, found, 'room for the whole file', left, error);
}

const nothingLeft = 'nothing was left behind.';

function diskError(path: string, found: string, expected: string, left = nothingLeft, cause?: unknown): UsageError {
  const fix = `Free some space or choose an output folder on another disk; ${left}`;
  return new UsageError({ field: path, found, expected, fix }, { cause });
}

async function nearestFileSystem(path: string): Promise<{ bavail: number; bsize: number }> {
  try {
    return await statfs(path);
  } catch (error) {
    const parent = dirname(path);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || parent === path) throw error;
    return nearestFileSystem(parent);
  }
}
