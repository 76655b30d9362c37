/**
 * One process at a time in a folder of results. Everyone makes a lock file of their own first and looks for those of others
 * afterwards, so of two that come at the same moment at least one sees the other: both may step back, never do both stay.
 * A lock is its name, `.lock.<pid>.<start of the process>.<host>.<token>`, and so is never seen half written. That of a
 * process which died is no obstacle, also where its number was given to another one since.
 */
import { randomUUID } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';

export interface FolderLock {
  release(): Promise<void>;
}

const LOCK_NAME = /^\.lock\.(\d{1,10})\.(\d{1,20})\.([A-Za-z0-9-]{1,64})\.[0-9a-f-]{36}$/;

/**
 * Locks a folder that exists.
 * @throws UsageError naming the process that holds it.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  const host = hostName();
  const own = `.lock.${process.pid}.${await processStart(process.pid)}.${host}.${randomUUID()}`;
  await writeFile(join(folder, own), '', { flag: 'wx' });
  const release = () => rm(join(folder, own), { force: true });
  try {
    for (const name of await readdir(folder)) {
      const match = LOCK_NAME.exec(name);
      if (name === own || match === null) continue;
      const [, pid, start, where] = match;
      // Whether a process of another machine lives cannot be known from here.
      if (where !== host || (await isAlive(Number(pid), start))) throw refuse(folder, name, pid, where);
      await rm(join(folder, name), { force: true });
    }
    return { release };
  } catch (error) {
    await release();
    throw error;
  }
}

async function isAlive(pid: number, start: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: alive, but somebody else's.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return (await processStart(pid)) === start;
}

/** When a process began, in clock ticks since the machine was started; 0 where the system does not tell (proc(5), field 22). */
async function processStart(pid: number): Promise<string> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  // The second field is the program's name in parentheses and may hold anything.
  return (
    text
      .slice(text.lastIndexOf(')') + 2)
      .split(' ')
      .at(19) ?? '0'
  );
}

function hostName(): string {
  return (
    os
      .hostname()
      .replace(/[^A-Za-z0-9-]/g, '-')
      .slice(0, 64) || 'host'
  );
}

function refuse(folder: string, name: string, pid: string, host: string): UsageError {
  return new UsageError({
    field: folder,
    found: `a run under way in process ${pid} on ${host}`,
    expected: 'one process in a folder of results',
    fix: `Wait for it or choose another folder; if that process is gone, remove ${join(folder, name)}.`,
  });
}
