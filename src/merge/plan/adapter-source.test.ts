/** `model+lora` in recipes, against the product of the factors written out. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeSafetensors } from '../../checkpoint/safetensors/write.ts';
import { mergeModels } from '../merge-models.ts';
import { parseMergeRecipes } from '../recipe/read-merge-recipe.ts';
import { readTensors } from '../testing/read-tensors.ts';
import { type ToyLlamaOptions, toyConfig, toyLlama, writeToyModel } from '../testing/toy-model.ts';

const hidden = 16;
const rank = 2;
const toy: ToyLlamaOptions = { hidden, vocabulary: 13 };
const target = 'model.layers.1.self_attn.q_proj';

const factor = (length: number, phase: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.cos(i * 2.3 + phase));
const down = factor(rank * hidden, 1);
const up = factor(hidden * rank, 2);
/** Entry i of B A. */
const product = (i: number): number => {
  const [row, column] = [Math.floor(i / hidden), i % hidden];
  return up[row * rank] * down[column] + up[row * rank + 1] * down[hidden + column];
};

interface AdapterOptions {
  readonly module?: string;
  readonly rows?: number;
  readonly config?: Readonly<Record<string, unknown>>;
}

async function writeAdapter(name: string, { module = target, rows = hidden, config = {} }: AdapterOptions = {}) {
  const path = join(folder, name);
  await mkdir(path);
  const settings = { peft_type: 'LORA', r: rank, lora_alpha: 8, target_modules: ['q_proj'], ...config };
  await writeFile(join(path, 'adapter_config.json'), JSON.stringify(settings));
  const tensor = (part: string) => `base_model.model.${module}.lora_${part}.weight`;
  await writeSafetensors(join(path, 'adapter_model.safetensors'), [
    { name: tensor('A'), shape: [rank, hidden], dtype: 'f32', data: down },
    { name: tensor('B'), shape: [rows, rank], dtype: 'f32', data: up.subarray(0, rows * rank) },
  ]);
}

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-merge-lora-'));
  for (const [seed, name] of ['base', 'a'].entries()) {
    await writeToyModel(join(folder, name), toyLlama({ ...toy, seed }), { config: toyConfig(toy) });
  }
  await writeToyModel(join(folder, 'tied'), toyLlama({ ...toy, tied: true }), {
    config: toyConfig({ ...toy, tied: true }),
  });
  await writeAdapter('lora');
  await writeAdapter('rslora', { config: { use_rslora: true } });
  await writeAdapter('dora', { config: { use_dora: true } });
  await writeAdapter('elsewhere', { module: 'model.layers.7.self_attn.q_proj' });
  await writeAdapter('narrow', { rows: hidden - 1 });
});

afterAll(() => rm(folder, { recursive: true }));

let count = 0;

async function merge(recipe: object): Promise<string> {
  const [parsed] = parseMergeRecipes(JSON.stringify(recipe), 'test.yaml');
  count += 1;
  const out = join(folder, `out-${count}`);
  const resolve = async (name: string): Promise<string> => join(folder, name);
  await mergeModels(parsed, out, { resolve, threads: 0, sync: false, pieceLength: 64 });
  return out;
}

const taskArithmetic = (adapter: string) => ({
  merge_method: 'task_arithmetic',
  base_model: 'base',
  models: [
    { model: `base+${adapter}`, parameters: { weight: 0.5 } },
    { model: 'a', parameters: { weight: 1 } },
  ],
  dtype: 'float32',
});

describe('model+lora', () => {
  it.each([
    ['lora', 8 / rank],
    ['rslora', 8 / Math.sqrt(rank)],
  ])('is the model with %s applied, as a task vector of its own', async (adapter, scale) => {
    const merged = await readTensors(await merge(taskArithmetic(adapter)));
    const a = await readTensors(join(folder, 'a'));
    for (const [name, values] of merged) {
      const expected = a.get(name)!.map((value, i) => {
        return name === `${target}.weight` ? value + 0.5 * scale * product(i) : value;
      });
      expect(Math.max(...values.map((value, i) => Math.abs(value - expected[i]))), name).toBeLessThan(2e-6);
    }
  });

  it('lends nothing to the head of a tied model', async () => {
    const out = await merge({ merge_method: 'passthrough', models: [{ model: 'tied+lora' }] });
    const [merged, tied] = [await readTensors(out), await readTensors(join(folder, 'tied'))];
    expect([...merged.keys()]).not.toContain('lm_head.weight');
    expect(merged.get('model.embed_tokens.weight')).toEqual(tied.get('model.embed_tokens.weight'));
    expect(merged.get(`${target}.weight`)).not.toEqual(tied.get(`${target}.weight`));
  });

  it.each([
    ['dora', /a DoRA adapter, expected LoRA or rsLoRA/],
    ['elsewhere', /no such tensor in the model/],
    ['nowhere', /models.0.model: nowhere: found no such folder, expected the folder of a model or an adapter/],
    ['narrow', /shape \[16,16\] for factors \[15,2\] and \[2,16\]/],
  ])('is refused before anything is written: %s', async (adapter, message) => {
    await expect(merge(taskArithmetic(adapter))).rejects.toThrow(message);
  });
});
