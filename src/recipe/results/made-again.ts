/**
 * What `--from` makes again. Which results it has forgotten is kept in `results/again.json` until a run comes to its end: all
 * stages done, or a stop by a gate or a watchdog. A run that was interrupted or that failed and is given again goes on with
 * what it has made since, so that a full disk costs nothing; but with other versions of the programs, which may be why it is
 * asked for, everything is made again.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { writeFileAtomically } from '../../files/atomic-write.ts';
import { describeEnvironment } from '../../observe/environment.ts';
import { dependentsOf, nameOfResult, type PlannedStage } from '../plan/plan-stages.ts';
import type { ResultStore } from './result-store.ts';

const schema = z.strictObject({
  version: z.literal(2),
  from: z.string(),
  /** Of the programs that results are made with. */
  versions: z.record(z.string(), z.string()),
  results: z.array(z.string()),
});

const fileIn = (run: string): string => join(run, 'results', 'again.json');

/** Names of results that an unfinished run with the same `--from` has forgotten; none where there is no such run. */
async function forgotten(run: string, from: string): Promise<readonly string[]> {
  const text = await readFile(fileIn(run), 'utf8').catch(() => 'null');
  const record = schema.safeParse(asJson(text));
  if (!record.success || record.data.from !== from) return [];
  return isDeepStrictEqual(record.data.versions, describeEnvironment().versions) ? record.data.results : [];
}

/** The stages whose results are to be forgotten now. @param run folder of the run */
export async function stagesToMakeAgain(
  run: string,
  from: string | undefined,
  plan: readonly PlannedStage[],
): Promise<readonly PlannedStage[]> {
  if (from === undefined) return [];
  const before = await forgotten(run, from);
  return dependentsOf(from, plan).filter(({ result }) => !before.includes(nameOfResult(result)));
}

/**
 * Forgets the results of a stage and of all that depends on it, each once until the run comes to its end.
 * @returns names of the stages whose results it has forgotten in a run before, which goes on
 */
export async function forgetFrom(
  run: string,
  from: string | undefined,
  { plan, store }: { readonly plan: readonly PlannedStage[]; readonly store: ResultStore },
): Promise<readonly string[]> {
  if (from === undefined) return [];
  const stages = await stagesToMakeAgain(run, from, plan);
  for (const { result } of stages) await store.forget(result);
  const results = [...(await forgotten(run, from)), ...stages.map(({ result }) => nameOfResult(result))];
  const { versions } = describeEnvironment();
  await writeFileAtomically(fileIn(run), `${JSON.stringify({ version: 2, from, versions, results })}\n`);
  const goingOn = dependentsOf(from, plan).filter((planned) => !stages.includes(planned));
  return goingOn.map(({ stage }) => stage.name);
}

/** The run has come to its end: what is asked for again from now on is made again. */
export async function endMakingAgain(run: string): Promise<void> {
  await rm(fileIn(run), { force: true });
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
