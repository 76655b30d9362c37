import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type TensorToWrite, writeSafetensors } from '../../checkpoint/safetensors/write.ts';
import { InputError, UsageError } from '../../errors.ts';
import type { JsonObject } from '../../files/json-file.ts';
import type { Adapter } from '../adapter.ts';
import { readAdapter, readAdapterInto } from './read-adapter.ts';
import { saveAdapter } from './save-adapter.ts';

const scratch = await mkdtemp(join(tmpdir(), 'finery-adapter-'));
afterAll(() => rm(scratch, { recursive: true }));

const q = 'base_model.model.model.layers.0.self_attn.q_proj';
const tensor = (name: string, shape: readonly number[], fill = 0.5): TensorToWrite => {
  return { name, shape, dtype: 'f32', data: new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(fill) };
};
const good = {
  config: { peft_type: 'LORA', r: 2, lora_alpha: 4, target_modules: ['q_proj'] } as JsonObject,
  tensors: [tensor(`${q}.lora_A.weight`, [2, 6]), tensor(`${q}.lora_B.weight`, [4, 2])],
};

let folders = 0;
async function folderWith({ config = {}, tensors = good.tensors }: { config?: JsonObject; tensors?: TensorToWrite[] }) {
  const folder = join(scratch, String(folders++));
  await writeSafetensors(join(folder, 'adapter_model.safetensors'), tensors);
  await writeFile(join(folder, 'adapter_config.json'), JSON.stringify({ ...good.config, ...config }));
  return folder;
}

describe('readAdapter', () => {
  it('reads the least that PEFT writes', async () => {
    const { settings, modules } = await readAdapter(await folderWith({}));
    expect(settings).toEqual({ method: 'lora', r: 2, alpha: 4, dropout: 0, targetModules: ['q_proj'] });
    expect([...modules.keys()]).toEqual(['model.layers.0.self_attn.q_proj']);
  });

  it('takes patterns and "all-linear" as targets, and what is switched off', async () => {
    for (const target_modules of ['.*\\.(q|v)_proj', 'all-linear']) {
      await expect(readAdapter(await folderWith({ config: { target_modules } }))).resolves.toBeDefined();
    }
    const config = { bias: 'none', rank_pattern: {}, modules_to_save: null, layers_pattern: [], use_qalora: false };
    await expect(readAdapter(await folderWith({ config }))).resolves.toBeDefined();
  });

  it.each<[JsonObject, RegExp]>([
    [{ lora_scaling: 3 }, /adapter_config.json.lora_scaling: found an unknown field/],
    [{ peft_type: 'IA3' }, /peft_type: found "IA3", expected LORA\./],
    [{ r: 0 }, /adapter_config.json.r: found 0, expected a number of more than 0\./],
    [{ r: 1e9 }, /adapter_config.json.r: found 1000000000/],
    [{ lora_alpha: 'large' }, /lora_alpha: found "large", expected a finite number\./],
    [{ bias: 'all' }, /bias: found "all", expected none\./],
    [{ fan_in_fan_out: true }, /fan_in_fan_out: found true, expected false\./],
    [{ rank_pattern: { q_proj: 4 } }, /rank_pattern/],
    [
      { modules_to_save: ['lm_head'] },
      /modules_to_save: found \["lm_head"\], expected nothing, as null or an empty list\./,
    ],
    [{ layers_to_transform: [1] }, /layers_to_transform/],
    [{ init_lora_weights: 'pissa' }, /init_lora_weights: found "pissa", expected true, false or one of gaussian/],
    [{ task_type: 'SEQ_CLS' }, /task_type: found "SEQ_CLS", expected null or one of CAUSAL_LM/],
    [{ target_modules: ['v_proj'] }, /lora_A.weight": found an update of a layer that target_modules leaves out/],
    [{ target_modules: '(' }, /target_modules: found the pattern "\("/],
    [{ use_dora: true, use_rslora: true }, /use_dora: found true beside use_rslora/],
    [{ use_dora: true }, /lora_magnitude_vector": found no such tensor, expected shape \[4\]/],
  ])('refuses the configuration %o', async (config, message) => {
    const folder = await folderWith({ config });
    await expect(readAdapter(folder)).rejects.toThrow(InputError);
    await expect(readAdapter(folder)).rejects.toThrow(message);
  });

  const [a, b] = good.tensors;
  it.each<[string, TensorToWrite[], RegExp]>([
    ['without B', [a], /lora_B.weight": found no such tensor, expected shape \[outputs, 2\]/],
    [
      'of another rank',
      [tensor(a.name, [3, 6]), b],
      /lora_A.weight": found shape \[3, 6\], expected shape \[2, inputs\]/,
    ],
    ['that are no matrices', [tensor(a.name, [12]), b], /found shape \[12\]/],
    ['of another library', [a, b, tensor(`${q}.hada_w1_a`, [2])], /hada_w1_a": found a tensor that is no part of LoRA/],
    ['of a layer that was trained whole', [a, b, tensor('base_model.model.lm_head.weight', [2])], /lm_head.weight"/],
    [
      'with a magnitude where there is no use of it',
      [a, b, tensor(`${q}.lora_magnitude_vector`, [4])],
      /as use_dora is false/,
    ],
    ['that are not finite', [tensor(a.name, [2, 6], Number.NaN), b], /lora_A.weight": found NaN or infinite/],
    ['none at all', [], /found no tensors/],
  ])('refuses tensors %s', async (_, tensors, message) => {
    const folder = await folderWith({ tensors });
    await expect(readAdapter(folder)).rejects.toThrow(InputError);
    await expect(readAdapter(folder)).rejects.toThrow(message);
  });

  it('refuses a folder without one of the files', async () => {
    const folder = await folderWith({});
    await rm(join(folder, 'adapter_model.safetensors'));
    await expect(readAdapter(folder)).rejects.toThrow(/adapter_model.safetensors: found no such file/);
    await expect(readAdapter(join(scratch, 'nowhere'))).rejects.toThrow(/adapter_config.json: found no such file/);
  });
});

describe('saveAdapter', () => {
  const adapter = (fill: number): Adapter => ({
    settings: { method: 'rslora', r: 2, alpha: 4, targetModules: 'all-linear', dropout: 0.1 },
    modules: new Map([
      ['model.layers.0.self_attn.q_proj', { a: new Float32Array(12).fill(fill), b: new Float32Array(8).fill(0.25) }],
    ]),
  });

  it('writes what PEFT reads, and reading gives the same adapter', async () => {
    const folder = join(scratch, 'saved');
    await saveAdapter(folder, adapter(0.5), { baseModel: 'base', dtype: 'bf16' });
    const config = JSON.parse(await readFile(join(folder, 'adapter_config.json'), 'utf8'));
    expect(config).toMatchObject({
      peft_type: 'LORA',
      task_type: 'CAUSAL_LM',
      base_model_name_or_path: 'base',
      r: 2,
      lora_alpha: 4,
      lora_dropout: 0.1,
      target_modules: ['q_proj'],
      use_rslora: true,
      use_dora: false,
    });
    const { settings, modules } = await readAdapter(folder);
    expect(modules).toEqual(adapter(0.5).modules);
    expect(settings).toMatchObject({ method: 'rslora', dropout: 0.1 });
    const target = adapter(0);
    await readAdapterInto(folder, target);
    expect(target.modules).toEqual(modules);
    await expect(saveAdapter(folder, adapter(0.5))).rejects.toThrow(UsageError);
  });

  it('refuses numbers that are not finite, and leaves nothing', async () => {
    const folder = join(scratch, 'broken');
    await expect(saveAdapter(folder, adapter(Number.NaN))).rejects.toThrow(/lora_A.weight/);
    await expect(readFile(join(folder, 'adapter_config.json'))).rejects.toThrow(/ENOENT/);
  });
});
