import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadModel, saveModel } from '../models/model.ts';
import type { BaseModel } from './base-model.ts';
import { mergeAdapters } from './merge.ts';
import { dequantizeModel, quantizeModel } from './nf4/quantized-model.ts';
import { mergeIntoFolder, saveMergedModel } from './save-merged.ts';
import type { AdapterMethod } from './settings.ts';
import { randomAdapter } from './testing/trained-adapter.ts';

const golden = fileURLToPath(new URL('../../test/golden/decoders/', import.meta.url));
let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'finery-save-merged-'));
});
afterAll(() => rm(scratch, { recursive: true }));

const weightsOf = (name: string) => readFile(join(scratch, name, 'model.safetensors'));
const adapt = (model: BaseModel, method: AdapterMethod) =>
  randomAdapter(model, { method, r: 4, alpha: 8, targetModules: 'all-linear' });

describe('a base with its adapter, written tensor by tensor', () => {
  // The matrices of GPT-2 are stored as [in, out].
  it.each([
    ['qwen2', 'lora'],
    ['qwen2', 'dora'],
    ['gpt2', 'rslora'],
  ] as const)('%s under %s has the bytes of the model that was merged in memory', async (architecture, method) => {
    const base = join(golden, architecture);
    const { adapter, ...adapted } = adapt(await loadModel(base), method);
    const expected = await loadModel(base);
    mergeAdapters(expected, [{ adapter, weight: 0.7 }]);
    const name = `${architecture}-${method}`;
    await saveModel(join(scratch, `${name}-expected`), expected, { dtype: 'bf16' });
    await mergeIntoFolder(base, [{ adapter, weight: 0.7 }], join(scratch, name), { dtype: 'bf16' });
    for (const file of ['model.safetensors', 'config.json', 'generation_config.json']) {
      const read = (folder: string) => readFile(join(scratch, folder, file));
      expect(await read(name)).toEqual(await read(`${name}-expected`));
    }
    // Negative control: another share of the adapter gives others.
    await saveMergedModel(join(scratch, `${name}-whole`), { ...adapted, adapter }, { dtype: 'bf16' });
    expect(await weightsOf(`${name}-whole`)).not.toEqual(await weightsOf(name));
  });

  it.each(['qlora', 'qdora'] as const)('a packed base under %s is written as its bits say', async (method) => {
    const base = quantizeModel(await loadModel(join(golden, 'qwen2')));
    const adapted = adapt(base, method);
    const expected = await dequantizeModel(base);
    mergeAdapters(expected, [{ adapter: adapted.adapter }]);
    await saveModel(join(scratch, `${method}-expected`), expected, { dtype: 'f32' });
    await saveMergedModel(join(scratch, method), adapted, { dtype: 'f32' });
    expect(await weightsOf(method)).toEqual(await weightsOf(`${method}-expected`));
  });

  it('leaves the base alone, and nothing where a number cannot be written', async () => {
    const base = await loadModel(join(golden, 'qwen2'));
    const before = new Map([...base.parameters].map(([name, { weight }]) => [name, weight.slice()]));
    const adapted = adapt(base, 'lora');
    await saveMergedModel(join(scratch, 'fine'), adapted, { dtype: 'f32' });
    expect(new Map([...base.parameters].map(([name, { weight }]) => [name, weight.slice()]))).toEqual(before);
    adapted.adapter.modules.get('model.layers.1.mlp.up_proj')!.b.fill(1e6);
    await expect(saveMergedModel(join(scratch, 'large'), adapted, { dtype: 'f16' })).rejects.toThrow(
      /up_proj.weight.*a number that f16 can hold/,
    );
    await expect(weightsOf('large')).rejects.toThrow(/ENOENT/);
  });

  it('refuses an adapter of another model before anything is written', async () => {
    const { adapter } = adapt(await loadModel(join(golden, 'gpt2')), 'lora');
    const merging = mergeIntoFolder(join(golden, 'qwen2'), [{ adapter }], join(scratch, 'none'), { dtype: 'f32' });
    await expect(merging).rejects.toThrow(/the model has no such linear layer/);
  });
});
