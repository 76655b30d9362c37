import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadModel } from '../models/model.ts';
import type { BaseModel } from './base-model.ts';
import { mergeAdapters } from './merge.ts';
import { dequantizeModel, quantizeModel } from './nf4/quantized-model.ts';
import type { AdapterMethod } from './settings.ts';
import { randomAdapter } from './testing/trained-adapter.ts';
import { withMerged } from './with-merged.ts';

const folder = fileURLToPath(new URL('../../test/golden/decoders/qwen2', import.meta.url));

const copyOf = ({ parameters }: { parameters: ReadonlyMap<string, { readonly weight: unknown }> }) =>
  new Map([...parameters].map(([name, { weight }]) => [name, Float32Array.from(weight as Float32Array)]));

const adapt = (model: BaseModel, method: AdapterMethod) =>
  randomAdapter(model, { method, r: 4, alpha: 8, targetModules: ['q_proj', 'down_proj'] });

describe.each(['lora', 'dora'] as const)('%s over a base in float32', (method) => {
  it('is merged while it is looked at, and the base is what it was to the last bit', async () => {
    const base = await loadModel(folder);
    const before = copyOf(base);
    const adapted = adapt(base, method);
    const expected = await loadModel(folder);
    mergeAdapters(expected, [{ adapter: adapted.adapter }]);
    expect(await withMerged(adapted, folder, async (merged) => copyOf(merged))).toEqual(copyOf(expected));
    expect(copyOf(base)).toEqual(before);
    // Negative control: merging moves the weights.
    expect(copyOf(expected)).not.toEqual(before);
  });

  it('gives the base back where looking at it fails', async () => {
    const base = await loadModel(folder);
    const before = copyOf(base);
    const fails = () => Promise.reject(new Error('the disk is full'));
    await expect(withMerged(adapt(base, method), folder, fails)).rejects.toThrow('the disk is full');
    expect(copyOf(base)).toEqual(before);
  });
});

it('over a packed base is merged into what the four bits say, which stay as they are', async () => {
  const base = quantizeModel(await loadModel(folder));
  const before = copyOf(await dequantizeModel(base));
  const adapted = adapt(base, 'qlora');
  const expected = await dequantizeModel(base);
  mergeAdapters(expected, [{ adapter: adapted.adapter }]);
  expect(await withMerged(adapted, folder, async (merged) => copyOf(merged))).toEqual(copyOf(expected));
  expect(copyOf(await dequantizeModel(base))).toEqual(before);
  expect(copyOf(expected)).not.toEqual(before);
});
