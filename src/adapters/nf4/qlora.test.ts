import { afterAll, beforeAll, expect, it } from 'vitest';
import { tinyModel } from '../../../test/support/tiny-model.ts';
import type { TrainableModel } from '../../models/model.ts';
import type { TokenBatch } from '../../objectives/causal-lm/batch.ts';
import { CausalLmProgram, type ParameterArrays, type ProgramOptions } from '../../objectives/causal-lm/program.ts';
import { stream } from '../../random/stream.ts';
import { Engine } from '../../runtime/engine.ts';
import { clippingScale, createAdamW } from '../../train/optimizers/adamw.ts';
import { type AdaptedModel, attachAdapter } from '../attach.ts';
import type { BaseModel } from '../base-model.ts';
import { mergeAdapters } from '../merge.ts';
import { dequantizeModel, quantizeModel } from './quantized-model.ts';

const engine = new Engine({ threads: 1 });
afterAll(() => engine.close());

const shape = { rows: 8, length: 16 };

/** Texts of a language in which each token has three successors; of two languages, three of their successors in four agree. */
function batchOf(language: number, index: number): TokenBatch {
  const count = shape.rows * shape.length;
  const random = stream(index, 'text', language);
  const ids = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    const before = i % shape.length === 0 ? random.below(61) : ids[i - 1];
    ids[i] = (before * 7 + 13 * random.below(3) + (before % 4 === 0 ? 5 * language : 0)) % 61;
  }
  const labels = ids.map((_, i) => ((i + 1) % shape.length === 0 ? -1 : ids[i + 1]));
  return { ...shape, ids, labels, segments: ids.map(() => 1), positions: ids.map((_, i) => i % shape.length) };
}

type Trained = Pick<AdaptedModel, 'decoder' | 'trainable'> & {
  readonly parameters: ReadonlyMap<string, ParameterArrays>;
};

/** Mean loss of the last tenth of the steps. */
async function train(
  { decoder, parameters, trainable }: Trained,
  language: number,
  steps: number,
  learningRate: number,
  options: Partial<ProgramOptions> = {},
) {
  const program = new CausalLmProgram(engine, decoder, parameters, { ...shape, ...options });
  const optimizer = createAdamW(trainable.values(), { weightDecay: 0 });
  const labels = shape.rows * (shape.length - 1);
  let [sum, counted] = [0, 0];
  for (let step = 0; step < steps; step++) {
    const nats = await program.forwardBackward(batchOf(language, step), {
      labelWeight: 1 / labels,
      accumulate: false,
      dropout: (layer, module) => stream(step, 'dropout', layer, module),
    });
    optimizer.step({ learningRate, gradientScale: clippingScale(optimizer.gradientNorm().norm, 1) });
    if (step < 0.9 * steps) continue;
    sum += nats / labels;
    counted++;
  }
  program.release();
  return sum / counted;
}

const lora = { r: 4, alpha: 8, targetModules: 'all-linear' } as const;

/** Four bits without block scales, for the negative control: evenly spaced over the range of each matrix. */
function uniformModel(model: TrainableModel): BaseModel {
  const coarse = ([name, parameter]: readonly [
    string,
    { readonly name: string; readonly shape: readonly number[]; readonly weight: Float32Array },
  ]) => {
    const greatest = parameter.weight.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    const weight = parameter.weight.map((value) => Math.round((value / greatest) * 7) * (greatest / 7));
    return [name, name.includes('proj') ? { ...parameter, weight } : parameter] as const;
  };
  return { ...model, parameters: new Map([...model.parameters].map(coarse)) };
}

async function lossesOf({ decoder, parameters }: Omit<Trained, 'trainable'>): Promise<Float32Array> {
  const program = new CausalLmProgram(engine, decoder, parameters, { ...shape, whole: false });
  const losses = Float32Array.from(await program.score(batchOf(1, 0)));
  program.release();
  return losses;
}

let base: TrainableModel;
beforeAll(async () => {
  base = tinyModel(3, { initializer_range: 0.1 });
  // Outliers, as large models have them.
  for (const [name, { weight }] of base.parameters) if (name.includes('proj')) weight[5] = 6;
  await train({ ...base, trainable: base.parameters }, 0, 300, 0.01);
});

it('reaches the loss of LoRA within 3% in 300 steps; a uniform grid without block scales does not', async () => {
  const fineTune = (model: BaseModel, method: 'lora' | 'qlora') =>
    train(attachAdapter(model, { ...lora, method }, { seed: 2 }), 1, 300, 0.003);
  const reference = await fineTune(base, 'lora');
  const quantized = await fineTune(base, 'qlora');
  const uniform = await fineTune(uniformModel(base), 'lora');
  expect(Math.abs(quantized / reference - 1)).toBeLessThan(0.03);
  // Negative control: what is not NF4 does not pass.
  expect(Math.abs(uniform / reference - 1)).toBeGreaterThan(0.1);
  // There was something to learn.
  expect(reference).toBeLessThan(3);
});

it('computes with the unpacked matrices, and an adapter merges into those', async () => {
  const quantized = quantizeModel(base);
  const plain = await dequantizeModel(quantized);
  expect(await lossesOf(quantized)).toEqual(await lossesOf(plain));
  const adapted = attachAdapter(quantized, { ...lora, method: 'qlora' }, { seed: 2 });
  await train(adapted, 1, 5, 0.01);
  mergeAdapters(plain, [adapted]);
  const [found, expected] = [await lossesOf(plain), await lossesOf(adapted)];
  expect(found.every((loss, i) => Math.abs(loss - expected[i]) < 1e-4)).toBe(true);
  expect(() => mergeAdapters(quantized, [adapted])).toThrow(/a matrix in four bits, expected float32/);
});

it('DoRA over four bits is DoRA over what they say, to the last bit', async () => {
  const quantized = quantizeModel(base);
  const trained = async (model: BaseModel, method: 'dora' | 'qdora') => {
    const adapted = attachAdapter(model, { ...lora, method, dropout: 0.1 }, { seed: 2 });
    // In segments, as packed matrices are computed.
    await train(adapted, 1, 5, 0.01, { whole: false });
    return new Map([...adapted.trainable].map(([name, { weight }]) => [name, Float32Array.from(weight)]));
  };
  const found = await trained(quantized, 'qdora');
  expect([...found.keys()].filter((name) => name.endsWith('lora_magnitude_vector'))).toHaveLength(14);
  expect(found).toEqual(await trained(await dequantizeModel(quantized), 'dora'));
  // Negative control: over what was packed it is another.
  expect(found).not.toEqual(await trained(base, 'dora'));
});

it('a new DoRA over four bits changes no bit of what they compute', async () => {
  const quantized = quantizeModel(base);
  const adapted = attachAdapter(quantized, { ...lora, method: 'qdora' }, { seed: 2 });
  expect(await lossesOf(adapted)).toEqual(await lossesOf(quantized));
  // Negative control: with the lengths of what was packed it does.
  const { modules } = attachAdapter(base, { ...lora, method: 'dora' }, { seed: 2 }).adapter;
  for (const [name, { magnitude }] of adapted.adapter.modules) magnitude!.set(modules.get(name)!.magnitude!);
  expect(await lossesOf(adapted)).not.toEqual(await lossesOf(quantized));
});
