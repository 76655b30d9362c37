import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.ts';
import { planMerge } from '../plan-merge.ts';
import { parseMergeRecipes } from '../recipe/read-merge-recipe.ts';
import { toyConfig, toyLlama, writeToyModel } from '../testing/toy-model.ts';
import { type ExecuteOptions, executePlan } from './execute-plan.ts';
import { createThreadRunner } from './runner.ts';

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-execute-plan-'));
  await writeToyModel(join(root, 'a'), toyLlama(), { config: toyConfig() });
});
afterAll(() => rm(root, { recursive: true }));

const plan = () =>
  planMerge(parseMergeRecipes(`{merge_method: passthrough, models: [{model: ${join(root, 'a')}}]}`, 'test.yaml')[0]);

describe('a disk without room', () => {
  it('is told before anything is written, and nothing is left', async () => {
    const { layout, ...rest } = await plan();
    const huge = { ...rest, layout: { ...layout, bytes: 2 ** 52 } };
    await expect(executePlan(huge, join(root, 'out'))).rejects.toThrow(
      /bytes free on its disk.*nothing was left behind/,
    );
    expect(await readdir(root)).toEqual(['a']);
  });

  it('is told while it is written, and the merge goes on when there is some', async () => {
    const options = { threads: 0, sync: false } satisfies ExecuteOptions;
    let tensors = 0;
    const onProgress = (): void => {
      tensors += 1;
      if (tensors === 3) throw Object.assign(new Error('write failed'), { code: 'ENOSPC' });
    };
    const full = executePlan(await plan(), join(root, 'out'), { ...options, onProgress });
    await expect(full).rejects.toThrow(UsageError);
    await expect(full).rejects.toThrow(/a full disk while writing.*the same command goes on from there/);
    expect((await readdir(root)).filter((name) => name === 'out')).toEqual([]);
    expect(await executePlan(await plan(), join(root, 'out'), options)).toMatchObject({ resumed: 3 });
  });

  it.runIf(process.platform === 'linux')('is known by its code when a thread finds it full', async () => {
    const { jobs } = await plan();
    const runner = createThreadRunner({ outputs: ['/dev/full'] });
    const full = runner.run({ kind: 'merge', job: jobs[0] }).finally(() => runner.close());
    await expect(full).rejects.toMatchObject({ code: 'ENOSPC' });
  });
});
