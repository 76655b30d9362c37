import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import os, { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { UsageError } from '../errors.ts';
import { loadRecipe } from './load-recipe.ts';
import { rebasePaths } from './rebase-paths.ts';
import { resolveRecipe } from './resolve-recipe.ts';
import { openRunFolder } from './run-folder.ts';
import type { RecipeDocument } from './schema/recipe.ts';

let root: string;
let run: string;
beforeEach(async () => {
  root = await realpath(await mkdtemp(join(tmpdir(), 'run-')));
  run = join(root, 'runs', 'small');
  await mkdir(join(root, 'recipes'));
});
afterEach(() => rm(root, { recursive: true }));

const document: RecipeDocument = {
  name: 'small',
  base: { checkpoint: '../assets/nano' },
  data: { a: { finworld: { world: 'finance' } }, b: { files: ['texts/*.jsonl', '/elsewhere/b.txt'] } },
  stages: [{ cpt: { mixture: { a: 2, b: 1 } } }],
};
const loaded = (changes: Partial<RecipeDocument> = {}) => ({
  recipe: resolveRecipe({ ...document, ...changes }),
  folder: join(root, 'recipes'),
});
const clock = (time: string) => ({ now: () => new Date(time) });
const readRun = async () => JSON.parse(await readFile(join(run, 'run.json'), 'utf8'));
const locks = async () => (await readdir(run)).filter((name) => name.startsWith('.lock'));

describe('openRunFolder', () => {
  it('makes the folder, with a recipe that means the same files from there', async () => {
    const folder = await openRunFolder(run, loaded(), clock('2026-01-02T03:04:05.000Z'));
    expect(folder).toMatchObject({ path: run, found: 'nothing' });
    expect(folder.recipe.base).toEqual({ checkpoint: '../../assets/nano' });
    expect(folder.recipe.data.b).toMatchObject({ files: ['../../recipes/texts/*.jsonl', '/elsewhere/b.txt'] });
    expect((await loadRecipe(folder.files.recipe)).recipe).toEqual(folder.recipe);
    await folder.addHashes({ base: 'abc' });
    expect(await readRun()).toEqual(folder.record);
    expect(folder.record).toMatchObject({
      name: 'small',
      state: 'running',
      started: '2026-01-02T03:04:05.000Z',
      ended: null,
      sessions: 1,
      versions: { node: process.versions.node },
      machine: { cores: os.availableParallelism() },
      hashes: { base: 'abc', recipe: expect.stringMatching(/^[0-9a-f]{64}$/) },
    });
    expect(folder.record.versions.onnxruntime).toMatch(/^\d+\.\d+\.\d+/);
    await folder.close('done');
    expect(await readRun()).toMatchObject({ state: 'done', ended: '2026-01-02T03:04:05.000Z' });
    expect(await locks()).toEqual([]);
  });

  it('continues the same recipe, also when it is the resolved one', async () => {
    const first = await openRunFolder(run, loaded(), clock('2026-01-02T00:00:00.000Z'));
    await first.addHashes({ base: 'abc' });
    await first.close('interrupted');
    const again = await openRunFolder(run, await loadRecipe(first.files.recipe), clock('2026-01-03T00:00:00.000Z'));
    expect(again.found).toBe('same');
    expect(again.record).toMatchObject({
      state: 'running',
      started: '2026-01-02T00:00:00.000Z',
      ended: null,
      sessions: 2,
    });
    expect(again.record.hashes).toEqual(first.record.hashes);
    await again.close('done');
  });

  it('gives place to another recipe and keeps the one before', async () => {
    const first = await openRunFolder(run, loaded());
    await first.close('done');
    const before = await readFile(first.files.recipe, 'utf8');
    const second = await openRunFolder(run, loaded({ seed: 2 }));
    await second.close('done');
    expect(second).toMatchObject({ found: 'other', record: { sessions: 2 } });
    expect((await loadRecipe(second.files.recipe)).recipe.seed).toBe(2);
    const kept = `recipe.${first.record.hashes.recipe.slice(0, 12)}.yaml`;
    expect(await readFile(join(run, kept), 'utf8')).toBe(before);
    const order = await openRunFolder(run, loaded({ seed: 2, stages: [{ cpt: { mixture: { b: 1, a: 2 } } }] }));
    await order.close('done');
    expect(order.found).toBe('other');
  });

  it('does not settle among other things, nor on a file', async () => {
    await mkdir(run, { recursive: true });
    await writeFile(join(run, 'thesis.txt'), '');
    await expect(openRunFolder(run, loaded())).rejects.toThrow(/thesis\.txt/);
    expect(await readdir(run)).toEqual(['thesis.txt']);
    await expect(openRunFolder(join(run, 'thesis.txt'), loaded())).rejects.toThrow(UsageError);
  });

  it('begins again where a crash left nothing or a torn run.json', async () => {
    const first = await openRunFolder(run, loaded());
    await first.close('failed');
    await writeFile(join(run, 'run.json'), '{"state":');
    const again = await openRunFolder(run, loaded());
    expect(again.record).toMatchObject({ state: 'running', sessions: 1 });
    await again.close('done');
  });

  it('follows links before it writes relative paths', async () => {
    await mkdir(join(root, 'disk', 'deep', 'runs'), { recursive: true });
    await symlink(join(root, 'disk', 'deep', 'runs'), join(root, 'runs'));
    const folder = await openRunFolder(run, loaded());
    expect(folder.recipe.base).toEqual({ checkpoint: '../../../../assets/nano' });
    await folder.close('done');
  });
});

describe('rebasePaths', () => {
  it('moves the folder of a tokenizer, and there and back is the same', () => {
    const recipe = resolveRecipe({
      ...document,
      base: { init: { config: { model_type: 'llama' }, tokenizer: { from: 'tok' } } },
    });
    const moved = rebasePaths(recipe, { from: '/a/b', to: '/a/c/d' });
    expect(moved.base).toMatchObject({ init: { tokenizer: { from: '../../b/tok' } } });
    expect(rebasePaths(moved, { from: '/a/c/d', to: '/a/b' })).toEqual(recipe);
  });
});
