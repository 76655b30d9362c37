import { cp, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { mergeRecipes, planRecipes } from './merge-recipes.ts';
import { parseMergeRecipes } from './recipe/read-merge-recipe.ts';
import { readTensors } from './testing/read-tensors.ts';
import { type ToyLlamaOptions, toyConfig, toyLlama, writeToyModel } from './testing/toy-model.ts';

const toy: ToyLlamaOptions = { hidden: 16, vocabulary: 6 };
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-merge-recipes-'));
  for (const [seed, name] of ['base', 'a', 'b'].entries()) {
    await writeToyModel(join(folder, name), toyLlama({ ...toy, seed }), { config: toyConfig(toy) });
    const vocab = Object.fromEntries([...'xyz', 'w'].map((token, id) => [token, id]));
    const definition = { model: { type: 'BPE', vocab, merges: [] }, added_tokens: [] };
    await writeFile(join(folder, name, 'tokenizer.json'), JSON.stringify(definition));
  }
});

afterAll(() => rm(folder, { recursive: true }));

const recipes = (yaml: string) => parseMergeRecipes(yaml, 'test.yaml');
const resolve = async (name: string): Promise<string> => join(folder, name);

const chain = recipes(`
name: doubled
merge_method: passthrough
slices: [{sources: [{model: a, layer_range: [0, 2]}]}, {sources: [{model: a, layer_range: [0, 2]}]}]
---
name: united
merge_method: linear
models: [{model: doubled, parameters: {weight: 1}}]
tokenizer: {source: union, pad_to_multiple_of: 8}
---
merge_method: linear
models: [{model: united, parameters: {weight: 1}}, {model: united, parameters: {weight: 2}}]
`);

describe('recipes that name one another', () => {
  it('are planned as they will be merged, and leave nothing behind', async () => {
    const before = await readdir(folder);
    const temporary = await mkdtemp(join(tmpdir(), 'finery-merge-recipes-tmp-'));
    vi.stubEnv('TMPDIR', temporary);
    const plans = await planRecipes(chain, { resolve, strict: true });
    expect(await readdir(folder)).toEqual(before);
    expect(await readdir(temporary)).toEqual([]);
    vi.unstubAllEnvs();
    await rm(temporary, { recursive: true });
    expect(plans.map(({ config }) => [config.num_hidden_layers, config.vocab_size])).toEqual([
      [4, 6],
      [4, 8],
      [4, 8],
    ]);

    const out = join(folder, 'out');
    await mergeRecipes(chain, out, { resolve, threads: 0, sync: false });
    const merged = await readTensors(out);
    expect(new Map([...merged].map(([name, values]) => [name, values.length]))).toEqual(
      new Map(plans[2].jobs.map(({ name, shape }) => [name, shape.reduce((a, b) => a * b, 1)])),
    );
  });

  it('take an earlier result from its folder, unless weights that it was made from have changed', async () => {
    await cp(join(folder, 'a'), join(folder, 'c'), { recursive: true });
    const two = recipes(`
name: half
merge_method: passthrough
models: [{model: c, parameters: {scale: 0.5}}]
---
{merge_method: passthrough, models: [{model: half}]}
`);
    const run = (out: string) => mergeRecipes(two, join(folder, out), { resolve, threads: 0, sync: false });
    await run('kept');
    await rm(join(folder, 'kept'), { recursive: true });
    const { ino } = await stat(join(folder, 'kept.half'));
    await run('kept');
    expect((await stat(join(folder, 'kept.half'))).ino).toBe(ino);

    await rm(join(folder, 'kept'), { recursive: true });
    await cp(join(folder, 'b', 'model.safetensors'), join(folder, 'c', 'model.safetensors'));
    await expect(run('kept')).rejects.toThrow(/kept\.half: found something there already/);
  });

  it('measure nothing on weights that are not there yet', async () => {
    const models = '[{model: sum, parameters: {weight: 1}}, {model: b, parameters: {weight: 1}}]';
    const two = recipes(`
name: sum
merge_method: linear
models: [{model: a, parameters: {weight: 1}}, {model: base, parameters: {weight: 1}}]
---
{merge_method: task_arithmetic, base_model: base, models: ${models}}
`);
    const [, plan] = await planRecipes(two, { resolve, strict: true });
    expect(plan.warnings.filter((warning) => warning.includes('ancestor'))).toEqual([]);
  });

  it('need names', async () => {
    const two = recipes(
      '{merge_method: passthrough, models: [{model: a}]}\n---\n{merge_method: passthrough, models: [{model: a}]}',
    );
    await expect(planRecipes(two, { resolve })).rejects.toThrow('a recipe without a name before the last one');
  });
});
