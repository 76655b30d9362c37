/** `finery-merge.json`: what a model was merged from, beside its weights. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject, readJsonObject } from '../../files/json-file.ts';
import { exists } from '../../files/temporary-name.ts';
import { fingerprintOf } from '../plan/fingerprint.ts';
import type { MergePlan } from '../plan/merge-plan.ts';
import { hasSources } from './earlier-results.ts';
import type { TensorResult } from './merge-tensor.ts';
import { distribute, type PoolOptions, withRunners } from './runner-pool.ts';

const recordName = 'finery-merge.json';

interface RecordedMerge {
  readonly fingerprint: string;
  readonly results: ReadonlyMap<string, TensorResult>;
  readonly warnings: readonly string[];
}

export async function writeRecord(
  plan: MergePlan,
  folder: string,
  { fingerprint, results, warnings }: RecordedMerge,
): Promise<void> {
  const record = {
    version: 1,
    fingerprint,
    recipe: plan.recipe,
    models: plan.models.map(({ reference, isBase }) => ({ reference, base: isBase })),
    warnings,
    // XXH64 of the bytes of each tensor, and of what it was read from: the base, then the models.
    tensors: Object.fromEntries(
      plan.jobs.map(({ name }) => {
        const { hash, sources } = results.get(name)!;
        return [name, { hash, sources }];
      }),
    ),
  };
  await writeFile(join(folder, recordName), `${JSON.stringify(record, null, 2)}\n`);
}

/** Whether what is in the folder was merged by this plan, from weights that are the same now. Reads all inputs once. */
export async function isResultOf(
  plan: MergePlan,
  folder: string,
  options: PoolOptions & { readonly signal?: AbortSignal } = {},
): Promise<boolean> {
  const path = join(folder, recordName);
  if (!(await exists(path))) return false;
  const { fingerprint, tensors } = await readJsonObject(path);
  if (fingerprint !== (await fingerprintOf(plan)) || !isJsonObject(tensors)) return false;
  let isSame = true;
  await withRunners(plan, [], options, (runners) =>
    distribute(plan.jobs, runners, options.signal, async (job, runner) => {
      const recorded = tensors[job.name];
      const sources = isJsonObject(recorded) && Array.isArray(recorded.sources) ? recorded.sources.map(String) : [];
      isSame &&= await hasSources(runner, job, { sources });
    }),
  );
  return isSame;
}
