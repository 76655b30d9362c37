/** Opens changed files until one of them does harm. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { FineryError } from '../../src/errors.ts';
import { stream } from '../../src/random/stream.ts';
import { hostileTargets, type Target } from './targets.ts';

const mostSeconds = 2;
const mostBytes = 2 ** 30;

export interface Outcomes {
  opened: number;
  refused: number;
}

/**
 * Opens `cases` changed files of a kind. A case is always the same, so that one that fails can be looked at alone.
 * @param kind a key of `hostileTargets`
 * @throws Error naming a case that ended otherwise than by a `FineryError`, took longer than two seconds of processor time
 *   or more than a gigabyte of memory
 */
export async function attack(kind: string, cases: number): Promise<Outcomes> {
  const root = await mkdtemp(join(tmpdir(), 'finery-hostile-'));
  const outcomes = { opened: 0, refused: 0 };
  try {
    const targets = await hostileTargets[kind](root);
    for (const target of targets) await attackOne(kind, target, Math.ceil(cases / targets.length), outcomes);
  } finally {
    await rm(root, { recursive: true });
  }
  return outcomes;
}

async function attackOne(kind: string, target: Target, cases: number, outcomes: Outcomes): Promise<void> {
  const { name, path } = target;
  const sound = await readFile(path);
  await target.open();
  for (let number = 0; number < cases; number++) {
    await writeFile(path, target.mutate(sound, stream(2026, 'hostile', kind, name, number)));
    const harm = (what: string, cause?: unknown) => new Error(`${kind}, ${name}, case ${number}: ${what}`, { cause });
    const [before, memory] = [process.cpuUsage(), process.resourceUsage().maxRSS];
    try {
      await target.open();
      outcomes.opened++;
    } catch (error) {
      if (!(error instanceof FineryError)) throw harm(String(error), error);
      outcomes.refused++;
    }
    const { user, system } = process.cpuUsage(before);
    if ((user + system) / 1e6 > mostSeconds) throw harm(`${(user + system) / 1e6} seconds`);
    const grown = 1024 * (process.resourceUsage().maxRSS - memory);
    if (grown > mostBytes) throw harm(`${grown} bytes more`);
    await setImmediate();
  }
  await writeFile(path, sound);
}
