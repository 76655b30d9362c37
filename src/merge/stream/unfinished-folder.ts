/**
 * The folder in which a merge grows: `.<name>.merge-<fingerprint>` beside its final place, which a rename makes of it when it
 * is complete. A merge of the same recipe and inputs finds it again; leftovers of others are removed.
 */
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { flush, flushFolder, requireAbsent } from '../../files/atomic-write.ts';
import { type FolderLock, lockFolder } from '../../files/folder-lock.ts';
import { makeFolders } from '../../files/make-folder.ts';
import { isFingerprint } from '../plan/fingerprint.ts';
import type { OutputFile } from '../plan/output-layout.ts';
import type { Journal } from './journal.ts';

export interface UnfinishedFolder {
  readonly path: string;
  /** Makes it the result, without the journal. With `sync`, every file goes to the disk first. */
  complete(journal: Pick<Journal, 'remove'>, options: { readonly sync: boolean }): Promise<void>;
  /** Leaves it for a later run. */
  release(): Promise<void>;
  /** Removes it. */
  discard(): Promise<void>;
}

/** What a later run finds there, for messages. */
export const keptForLater = 'what is merged is kept, and the same command goes on from there.';

/** @throws UsageError where the final folder exists, or another process is at work on the same merge. */
export async function openUnfinished(out: string, fingerprint: string): Promise<UnfinishedFolder> {
  const target = resolve(out);
  await requireAbsent(target);
  const prefix = `.${basename(target)}.merge-`;
  const path = join(dirname(target), `${prefix}${fingerprint}`);
  await makeFolders(path);
  // Before a look at the others: theirs may be looking for what nobody holds.
  const lock = await lockFolder(path);
  await removeOthers(dirname(target), prefix, path);
  return {
    path,
    async complete(journal, { sync }) {
      // A flush may take minutes: until it is over, a kill must not cost the journal, nor anybody else get the folder.
      if (sync) await flushFolder(path);
      await requireAbsent(target);
      await journal.remove();
      await lock.release();
      await rename(path, target);
      if (sync) await flush(dirname(target));
    },
    release: () => lock.release(),
    async discard() {
      await lock.release();
      await rm(path, { recursive: true, force: true });
    },
  };
}

/** Makes the file with its header and its full length, unless it has both already. */
export async function prepareFile(folder: string, { name, header, bytes }: OutputFile): Promise<void> {
  const path = join(folder, name);
  const found = await stat(path).catch(() => undefined);
  const file = await open(path, found ? 'r+' : 'w');
  try {
    await file.write(header, 0, header.length, 0);
    if (found?.size !== bytes) await file.truncate(bytes);
  } finally {
    await file.close();
  }
}

/** Unfinished merges into the same place that nobody works on any more. */
async function removeOthers(folder: string, prefix: string, own: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (path === own || !name.startsWith(prefix) || !isFingerprint(name.slice(prefix.length))) continue;
    const lock: FolderLock | undefined = await lockFolder(path).catch(() => undefined);
    if (lock) await rm(path, { recursive: true, force: true });
  }
}
