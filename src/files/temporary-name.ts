/**
 * Names for unfinished files: `.<name>.<kind>-<pid>-<thread>-<count>` beside the final one, so that renaming never crosses
 * a file system and the name tells whether the run that made it is still alive.
 */
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { threadId } from 'node:worker_threads';

/** `tmp`: not complete yet. `old`: what a folder replaced, kept until the replacement stands. */
type Kind = 'tmp' | 'old';

/** Names in use by this thread: everything else under our own process and thread is a leftover of a reused process id. */
const inUse = new Set<string>();
let count = 0;

/** A free name beside `path`. Give it back with `releaseTemporaryName`. */
export function takeTemporaryName(path: string, kind: Kind): string {
  count += 1;
  const name = join(dirname(path), `.${basename(path)}.${kind}-${process.pid}-${threadId}-${count}`);
  inUse.add(name);
  return name;
}

export function releaseTemporaryName(name: string): void {
  inUse.delete(name);
}

/**
 * Removes what runs that died while writing `path` left beside it. A folder that had been moved aside for a replacement
 * which never came is put back.
 */
export async function cleanLeftovers(path: string): Promise<void> {
  const folder = dirname(path);
  const prefix = `.${basename(path)}.`;
  for (const entry of await readdir(folder)) {
    const match = entry.startsWith(prefix) ? /^(tmp|old)-(\d+)-(\d+)-\d+$/.exec(entry.slice(prefix.length)) : null;
    const leftover = join(folder, entry);
    if (!match || isOwned(leftover, Number(match[2]), Number(match[3]))) continue;
    if (match[1] === 'old' && !(await exists(path))) await rename(leftover, path);
    else await rm(leftover, { recursive: true, force: true });
  }
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function isOwned(name: string, pid: number, thread: number): boolean {
  if (pid === process.pid && thread === threadId) return inUse.has(name);
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: alive, but somebody else's.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
