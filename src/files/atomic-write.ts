/**
 * Files and folders that appear whole or not at all: written under a temporary name in the same folder, flushed to the
 * disk, then renamed. A reader sees the old state or the new one; a crash leaves a leftover that the next write removes.
 *
 * Replacing a folder takes two renames, so for an instant between them there is none; should the process die in that
 * instant, the next write puts the old one back.
 */
import { type FileHandle, mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { UsageError } from '../errors.ts';
import { explainDiskFull } from './disk-space.ts';
import { makeFolders } from './make-folder.ts';
import { cleanLeftovers, exists, releaseTemporaryName, takeTemporaryName } from './temporary-name.ts';

/** Writes the file through an open handle; called once. */
export type FileWriter = (file: FileHandle) => Promise<void>;

/**
 * Creates or replaces the file at `path`, making its folder if need be.
 * @throws UsageError if the disk is full; any other failure of `content` as it is. Nothing is left behind in either case.
 */
export async function writeFileAtomically(path: string, content: string | Uint8Array | FileWriter): Promise<void> {
  await underTemporaryName(path, async (temporary) => {
    const file = await open(temporary, 'wx');
    try {
      await (typeof content === 'function' ? content(file) : file.writeFile(content));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  });
}

export interface FolderOptions {
  /** Whether a folder that is already there may be replaced. Default no. */
  readonly replace?: boolean;
}

/** For who works long before writing a folder. @throws UsageError if there is something at `path` */
export async function requireAbsent(path: string): Promise<void> {
  if (!(await exists(path))) return;
  throw new UsageError({
    field: path,
    found: 'something there already',
    expected: 'a folder that does not exist yet',
    fix: 'Choose another name, or remove it first.',
  });
}

/**
 * Creates the folder at `path`, with whatever `fill` puts into the temporary folder it is given.
 * @throws UsageError if there is something at `path` already and `replace` is not set, or the disk is full; any other
 * failure of `fill` as it is.
 */
export async function writeFolderAtomically(
  path: string,
  fill: (folder: string) => Promise<void>,
  { replace = false }: FolderOptions = {},
): Promise<void> {
  const refuseExisting = async (): Promise<void> => {
    if (!replace) await requireAbsent(path);
  };
  await refuseExisting();
  await underTemporaryName(path, async (temporary) => {
    await mkdir(temporary);
    await fill(temporary);
    await flushFolder(temporary);
    await refuseExisting();
    await (replace ? replaceFolder(temporary, path) : rename(temporary, path));
  });
}

async function underTemporaryName(path: string, write: (temporary: string) => Promise<void>): Promise<void> {
  const target = resolve(path);
  const folder = dirname(target);
  await makeFolders(folder);
  await cleanLeftovers(target);
  const temporary = takeTemporaryName(target, 'tmp');
  try {
    await write(temporary);
    await flush(folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw explainDiskFull(path, error);
  } finally {
    releaseTemporaryName(temporary);
  }
}

async function replaceFolder(temporary: string, path: string): Promise<void> {
  if (!(await exists(path))) return rename(temporary, path);
  const old = takeTemporaryName(resolve(path), 'old');
  try {
    await rename(path, old);
    try {
      await rename(temporary, path);
    } catch (error) {
      await rename(old, path);
      throw error;
    }
    await rm(old, { recursive: true, force: true });
  } finally {
    releaseTemporaryName(old);
  }
}

/** A rename is only as durable as what it names: every file, then every folder, goes to the disk first. */
export async function flushFolder(folder: string): Promise<void> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await flushFolder(path);
    else if (entry.isFile()) await flush(path);
  }
  await flush(folder);
}

/** Waits until the disk has the file, or the names in the folder. */
export async function flush(path: string): Promise<void> {
  // Windows can neither open nor flush a folder; its renames are journalled.
  if (process.platform === 'win32') return;
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
