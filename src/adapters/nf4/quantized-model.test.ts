import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { loadModel } from '../../models/model.ts';
import type { BaseModel } from '../base-model.ts';
import { Nf4Matrix } from './nf4-matrix.ts';
import { dequantizeModel, loadQuantizedModel, quantizedBytes, quantizeModel } from './quantized-model.ts';

const folder = fileURLToPath(new URL('../../../test/golden/decoders/qwen2', import.meta.url));

const weightsOf = async (model: BaseModel) =>
  new Map(
    [...(await dequantizeModel(model)).parameters].map(([name, { weight }]) => [name, Float32Array.from(weight)]),
  );

it('a folder that is packed as it is read gives the model that is packed afterwards', async () => {
  const loaded = await loadQuantizedModel(folder);
  const plain = await loadModel(folder);
  expect(await weightsOf(loaded)).toEqual(await weightsOf(quantizeModel(plain)));
  // Negative control: it is not the model in float32.
  expect(await weightsOf(loaded)).not.toEqual(await weightsOf(plain));
});

it('packs the linear layers of the blocks and nothing else', async () => {
  const { parameters, decoder } = quantizeModel(await loadModel(folder));
  const packed = [...parameters.values()].filter(({ weight }) => weight instanceof Nf4Matrix).map(({ name }) => name);
  expect(packed).toHaveLength(14);
  expect(packed.every((name) => /layers\.\d\.(self_attn|mlp)\.\w+_proj\.weight$/.test(name))).toBe(true);
  const bytes = quantizedBytes({ decoder });
  const spec = (name: string) => decoder.parameters.find((candidate) => candidate.name === name)!;
  expect(bytes(spec('model.norm.weight'))).toBe(4 * 48);
  expect(bytes(spec('model.layers.0.mlp.up_proj.weight'))).toBe((48 * 88) / 2 + (48 * 88) / 64 + 4);
});
