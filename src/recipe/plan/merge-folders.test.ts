/** Models of the hub in merges: fetched from a hub on this machine, hashed, and merged. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { saveAdapter } from '../../adapters/peft/save-adapter.ts';
import { commit, modelName, startHub, type TestHub } from '../../checkpoint/hub/testing/hub-server.ts';
import { parseAdapterRecipe } from '../../merge/adapters/adapter-recipe.ts';
import { planCombination } from '../../merge/adapters/plan-combination.ts';
import { mergeModels } from '../../merge/merge-models.ts';
import { parseMergeRecipes } from '../../merge/recipe/read-merge-recipe.ts';
import { readTensors } from '../../merge/testing/read-tensors.ts';
import { toyConfig, toyLlama, writeToyModel } from '../../merge/testing/toy-model.ts';
import { checkRecipe, fieldName } from '../resolve-recipe.ts';
import { findMergeFolders } from './merge-folders.ts';

let root: string;
let hub: TestHub;
let files: Record<string, { content: Buffer; lfs: boolean }>;

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'finery-merge-hub-'));
  const made = await writeToyModel(join(root, 'made'), toyLlama({ seed: 3 }), { config: toyConfig() });
  await writeToyModel(join(root, 'base'), toyLlama(), { config: toyConfig() });
  files = {};
  for (const name of await readdir(made)) {
    files[name] = { content: await readFile(join(made, name)), lfs: name.endsWith('.safetensors') };
  }
  hub = await startHub({ files });
  vi.stubEnv('HF_ENDPOINT', hub.endpoint);
  vi.stubEnv('HF_HUB_CACHE', join(root, 'cache'));
  vi.stubEnv('HF_TOKEN', '');
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
  await rm(root, { recursive: true });
});

const recipe = checkRecipe(
  {
    name: 'hub',
    base: { checkpoint: 'base' },
    data: { text: { files: ['a.jsonl'] } },
    stages: [
      { name: 'finance', cpt: {} },
      {
        merge: {
          merge_method: 'task_arithmetic',
          base_model: 'base',
          models: [
            { model: 'finance', parameters: { weight: 1 } },
            { model: modelName, parameters: { weight: 1 } },
          ],
        },
      },
    ],
  },
  fieldName,
);
const find = () => findMergeFolders(recipe, { root, onProgress: () => undefined, onWarning: () => undefined });

it('are fetched before the run begins, once, and known by their content', async () => {
  const [[name, folder], ...others] = await find();
  expect([name, others]).toEqual([modelName, []]);
  expect(folder.path).toContain(commit);
  expect(await readTensors(folder.path)).toEqual(await readTensors(join(root, 'made')));
  const fetched = hub.requests.filter((request) => request.startsWith('cdn'));
  expect(fetched).toHaveLength(1);
  expect((await find()).get(modelName)).toEqual(folder);
  expect(hub.requests.filter((request) => request.startsWith('cdn'))).toEqual(fetched);

  files['model.safetensors'].content[files['model.safetensors'].content.length - 1] ^= 1;
  await rm(join(root, 'cache'), { recursive: true });
  expect((await find()).get(modelName)!.hash).not.toBe(folder.hash);
});

it('are merged by their names, also with a revision, and refused where the hub has none', async () => {
  const merge = async (model: string, out: string) => {
    const document = { merge_method: 'passthrough', models: [{ model, parameters: { scale: 2 } }] };
    await mergeModels(parseMergeRecipes(JSON.stringify(document), 'test.yaml')[0], join(root, out), {
      threads: 0,
      sync: false,
    });
    return readTensors(join(root, out));
  };
  const made = await readTensors(join(root, 'made'));
  const doubled = new Map([...made].map(([name, values]) => [name, values.map((value) => 2 * value)]));
  expect(await merge(modelName, 'plain')).toEqual(doubled);
  expect(await merge(`${modelName}@main`, 'revision')).toEqual(doubled);
  await expect(merge('finery/nowhere', 'none')).rejects.toThrow(/finery\/nowhere/);
  expect(await readdir(root)).not.toContain('none');
});

describe('adapters of the hub', () => {
  const module = 'model.layers.1.self_attn.q_proj';
  const ones = (value: number): Float32Array => new Float32Array(8).fill(value);

  beforeEach(async () => {
    const settings = { method: 'lora', r: 1, alpha: 1, targetModules: ['q_proj'] } as const;
    const modules = new Map([[module, { a: ones(0.5), b: ones(2) }]]);
    await saveAdapter(join(root, 'adapter'), { settings, modules });
    for (const name of Object.keys(files)) delete files[name];
    for (const name of await readdir(join(root, 'adapter'))) {
      files[name] = { content: await readFile(join(root, 'adapter', name)), lfs: name.endsWith('.safetensors') };
    }
  });

  it('are applied to the model before them', async () => {
    const document = { merge_method: 'passthrough', models: [{ model: `${join(root, 'base')}+${modelName}@main` }] };
    const out = join(root, 'adapted');
    await mergeModels(parseMergeRecipes(JSON.stringify(document), 'test.yaml')[0], out, { threads: 0, sync: false });
    const [base, adapted] = await Promise.all([join(root, 'base'), out].map(readTensors));
    for (const [name, values] of base) {
      // s B A is 1 everywhere.
      const expected = name === `${module}.weight` ? values.map((value) => value + 1) : values;
      expect(adapted.get(name)).toEqual(expected);
    }
  });

  it('are combined with one another', async () => {
    const document = { adapters: [modelName, join(root, 'adapter')], weights: [1, 0.5], combination_type: 'cat' };
    const { parts, sizes } = await planCombination(parseAdapterRecipe(JSON.stringify(document), 'test.yaml'));
    expect(parts.map(({ name }) => name)).toEqual([modelName, join(root, 'adapter')]);
    expect(parts[0].adapter).toEqual(parts[1].adapter);
    expect(sizes.rank).toBe(2);
  });
});
