/**
 * What `--from` makes again. Which results it has forgotten is kept in `results/again.json` until a run comes to its end, so
 * that one that was stopped and is given again goes on with what it has made since.
 */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../../files/atomic-write.ts';
import { dependentsOf, nameOfResult, type PlannedStage } from '../plan/plan-stages.ts';
import type { ResultStore } from './result-store.ts';

const schema = z.strictObject({ version: z.literal(1), from: z.string(), results: z.array(z.string()) });

const fileIn = (run: string): string => join(run, 'results', 'again.json');

/** Names of results that an unfinished run with the same `--from` has forgotten; none where there is no such run. */
async function forgotten(run: string, from: string): Promise<readonly string[]> {
  const text = await readFile(fileIn(run), 'utf8').catch(() => 'null');
  const record = schema.safeParse(asJson(text));
  return record.success && record.data.from === from ? record.data.results : [];
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

/** Forgets the results of a stage and of all that depends on it, each once until the run comes to its end. */
export async function forgetFrom(
  run: string,
  from: string | undefined,
  { plan, store }: { readonly plan: readonly PlannedStage[]; readonly store: ResultStore },
): Promise<void> {
  if (from === undefined) return;
  const stages = await stagesToMakeAgain(run, from, plan);
  for (const { result } of stages) await store.forget(result);
  const results = [...(await forgotten(run, from)), ...stages.map(({ result }) => nameOfResult(result))];
  await writeFileAtomically(fileIn(run), `${JSON.stringify({ version: 1, from, results })}\n`);
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
