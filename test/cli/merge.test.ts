import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { toyConfig, toyLlama, writeToyModel } from '../../src/merge/testing/toy-model.ts';
import { finery } from './finery.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-cli-merge-'));
  for (const [seed, name] of ['base', 'a', 'b'].entries()) {
    await writeToyModel(join(folder, name), toyLlama({ seed }), { config: toyConfig() });
  }
});

afterAll(() => rm(folder, { recursive: true }));

it('plans without writing, merges recipe after recipe, and refuses what is there', async () => {
  await writeFile(
    join(folder, 'merge.yaml'),
    [
      'name: sum',
      'merge_method: task_arithmetic',
      'base_model: base',
      'models: [{model: a, parameters: {weight: 1}}, {model: b, parameters: {weight: 1}}]',
      '---',
      'merge_method: linear',
      'models: [{model: sum, parameters: {weight: 1}}, {model: a, parameters: {weight: 1}}]',
    ].join('\n'),
  );
  const before = await readdir(folder);
  const plan = await finery(['merge', 'merge.yaml', 'out', '--dry-run', '--strict', '--json'], { cwd: folder });
  expect(plan.code, plan.stderr).toBe(0);
  expect(JSON.parse(plan.stdout)).toMatchObject({
    recipes: [
      { out: 'out.sum', method: 'task_arithmetic', models: [{}, {}, { isBase: true }] },
      { out: 'out', method: 'linear', models: [{ reference: 'sum' }, { reference: 'a' }] },
    ],
  });
  expect(await readdir(folder)).toEqual(before);

  const words = ['merge', 'merge.yaml', 'out', '--threads', '1', '--no-sync', '--json'];
  const merged = await finery(words, { cwd: folder });
  expect(merged.code, merged.stderr).toBe(0);
  expect(JSON.parse(merged.stdout)).toMatchObject({ tensors: 9, resumed: 0 });
  expect((await readdir(join(folder, 'out'))).sort()).toEqual([
    'config.json',
    'finery-merge.json',
    'model.safetensors',
  ]);
  expect(await readdir(folder)).toContain('out.sum');

  const again = await finery(words, { cwd: folder });
  expect(again.code).toBe(2);
  expect(again.stdout).toContain('there already');
});

it('writes a report on what the models changed of the base, and refuses one that would not have a base', async () => {
  const models = 'models: [{model: a, parameters: {weight: 0.5}}, {model: b, parameters: {weight: 0.5}}]';
  await writeFile(join(folder, 'sum.yaml'), `merge_method: task_arithmetic\nbase_model: base\n${models}\n`);
  await writeFile(join(folder, 'mean.yaml'), `merge_method: linear\n${models}\n`);
  const options = ['--threads', '1', '--no-sync', '--json', '--report', 'merge.html'];

  const refused = await finery(['merge', 'mean.yaml', 'mean', ...options], { cwd: folder });
  expect(refused.code).toBe(2);
  expect(refused.stdout).toContain('a merge without a base');
  expect(await readdir(folder)).not.toContain('mean');

  const merged = await finery(['merge', 'sum.yaml', 'reported', ...options], { cwd: folder });
  expect(merged.code, merged.stderr).toBe(0);
  expect(JSON.parse(merged.stdout)).toMatchObject({ tensors: 9, report: 'merge.html' });
  const page = await readFile(join(folder, 'merge.html'), 'utf8');
  expect(page).toContain('What A and B changed');
});
