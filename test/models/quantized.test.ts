import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type RawTensor, writeQuantizedFolder } from '../../src/checkpoint/quantized/testing/quantized-folder.ts';
import { inspectModel } from '../../src/cli/inspection.ts';
import { openSourceModel } from '../../src/merge/plan/source-model.ts';
import { loadEncoder } from '../../src/models/encoder-model.ts';
import { loadModel, type TrainableModel } from '../../src/models/model.ts';
import { tinyModel } from '../support/tiny-model.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'finery-quantized-model-'));
});

afterEach(() => rm(folder, { recursive: true }));

const rawFloats = (shape: readonly number[], values: Float32Array): RawTensor => ({
  dtype: 'F32',
  shape,
  data: new Uint8Array(values.slice().buffer),
});

const isLinear = (name: string): boolean => name.endsWith('_proj.weight');

/** Every linear layer in integers of 8 bits with a scale for each row, and how far values may have moved. */
function quantize({ decoder, parameters }: TrainableModel) {
  const tensors: Record<string, RawTensor> = {};
  const steps = new Map<string, number>();
  for (const { name, shape } of decoder.parameters) {
    const { weight } = parameters.get(name)!;
    if (!isLinear(name)) {
      tensors[name] = rawFloats(shape, weight);
      continue;
    }
    const [out, input] = shape;
    const scales = new Float32Array(out);
    const integers = new Int8Array(weight.length);
    for (let row = 0; row < out; row++) {
      const values = weight.subarray(row * input, (row + 1) * input);
      scales[row] = Math.max(...values.map(Math.abs)) / 127;
      for (let i = 0; i < input; i++) integers[row * input + i] = Math.round(values[i] / scales[row]);
    }
    tensors[name] = { dtype: 'I8', shape, data: new Uint8Array(integers.buffer) };
    tensors[`${name}_scale`] = rawFloats([out, 1], scales);
    steps.set(name, Math.max(...scales));
  }
  return { tensors, steps };
}

const quantization = {
  quant_method: 'compressed-tensors',
  format: 'int-quantized',
  config_groups: { all: { weights: { num_bits: 8, type: 'int', strategy: 'channel' } } },
};

const bias = 'model.layers.0.mlp.up_proj.bias';

it('a quantised folder loads as the model it was made of, to half a step of its integers', async () => {
  const model = tinyModel();
  const { tensors, steps } = quantize(model);
  const zeros = rawFloats([40], new Float32Array(40));
  await writeQuantizedFolder(
    folder,
    { ...model.config, quantization_config: quantization },
    { ...tensors, [bias]: zeros },
  );
  const loaded = await loadModel(folder);
  expect(loaded.config).toEqual(model.config);
  expect(loaded.warnings).toEqual([`${folder}: tensor ${bias} changes nothing and is left out.`]);
  expect(steps.size).toBe(14);
  for (const [name, { weight }] of loaded.parameters) {
    const original = model.parameters.get(name)!.weight;
    const error = weight.reduce((most, value, i) => Math.max(most, Math.abs(value - original[i])), 0);
    const step = steps.get(name);
    if (step === undefined) expect(error, name).toBe(0);
    else expect(error / step, name).toBeLessThan(0.501);
  }

  const inspected = await inspectModel(folder, { weights: true });
  expect(inspected.errors).toEqual([]);
  expect(inspected.conversion).toEqual({
    mapped: 20 + 14 + 1,
    dequantized: { 'compressed-tensors, 8 bits, a scale for each channel': 14 },
    permuted: [],
    tied: true,
    ignored: {},
  });
});

it('a quantised decoder makes vectors with the weights that it answers with', async () => {
  const model = tinyModel();
  await writeQuantizedFolder(folder, { ...model.config, quantization_config: quantization }, quantize(model).tensors);
  const [whole, encoder] = [await loadModel(folder), await loadEncoder(folder)];
  expect(encoder.config).toEqual(model.config);
  expect(encoder.parameters.size).toBeGreaterThan(14);
  for (const [name, { weight }] of encoder.parameters) expect(weight, name).toEqual(whole.parameters.get(name)!.weight);
});

it('a bias that is not zero is no tensor to be left out', async () => {
  const model = tinyModel();
  const values = rawFloats([40], new Float32Array(40).fill(1, 39));
  const { tensors } = quantize(model);
  await writeQuantizedFolder(
    folder,
    { ...model.config, quantization_config: quantization },
    { ...tensors, [bias]: values },
  );
  await expect(loadModel(folder)).rejects.toThrow(/no place for/);
  expect((await inspectModel(folder)).errors.map(({ message }) => message).join()).toMatch(/no place for/);
});

it('a scale that is not finite is found', async () => {
  const model = tinyModel();
  const { tensors } = quantize(model);
  const name = 'model.layers.1.mlp.down_proj.weight_scale';
  const scales = rawFloats([24, 1], new Float32Array(24).fill(Number.NaN));
  await writeQuantizedFolder(
    folder,
    { ...model.config, quantization_config: quantization },
    { ...tensors, [name]: scales },
  );
  await expect(loadModel(folder)).rejects.toThrow(/down_proj.weight": found NaN/);
  const { errors } = await inspectModel(folder, { weights: true });
  expect(errors.map(({ message }) => message).join()).toMatch(/down_proj.weight", element 0: found NaN/);
});

it('a merge of quantised models is refused, with the way out', async () => {
  const model = tinyModel();
  await writeQuantizedFolder(folder, { ...model.config, quantization_config: quantization }, quantize(model).tensors);
  const reference = { model: folder, text: folder };
  await expect(openSourceModel(reference)).rejects.toThrow(/found quantised weights.*finery export/);
});
