/** Dropout on what an adapter is given: one linear layer beside PEFT's, and a whole step in each of its forms. */
import { readFileSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { tinyModel, worstRelativeError } from '../../test/support/tiny-model.ts';
import { gradients } from '../graph/backward.ts';
import { Graph } from '../graph/graph.ts';
import { interpret } from '../graph/interpret.ts';
import { mul } from '../graph/ops/elementwise.ts';
import { sum } from '../graph/ops/reduce.ts';
import type { Decoder } from '../models/decoder.ts';
import type { TokenBatch } from '../objectives/causal-lm/batch.ts';
import { CausalLmProgram, type ProgramOptions, type StepOptions } from '../objectives/causal-lm/program.ts';
import { stream } from '../random/stream.ts';
import { Engine } from '../runtime/engine.ts';
import { adaptLayers } from './adapted-layers.ts';
import type { AdaptedModel } from './attach.ts';
import { quantizeModel } from './nf4/quantized-model.ts';
import type { AdapterMethod } from './settings.ts';
import { linearModules } from './target-modules.ts';
import { randomAdapter } from './testing/trained-adapter.ts';

const engine = new Engine({ threads: 1 });
afterAll(() => engine.close());

type Matrix = readonly (readonly number[])[];

interface Expected {
  readonly x: Matrix;
  readonly factors: Matrix;
  readonly probe: Matrix;
  readonly weight: Matrix;
  readonly bias: readonly number[];
  readonly a: Matrix;
  readonly b: Matrix;
  readonly magnitude?: readonly number[];
  readonly output: Matrix;
  readonly gradients: Readonly<Record<string, Matrix | readonly number[]>>;
}

const golden = JSON.parse(
  readFileSync(new URL('../../test/golden/adapters/dropout.json', import.meta.url), 'utf8'),
) as { readonly r: number; readonly alpha: number } & Readonly<Record<'lora' | 'dora', Expected>>;

const flat = (values: Matrix | readonly number[]) => Float64Array.from(values.flat());

/** The layer in float64: its output, and the derivatives of the sum of output times probe by x and what is learnt. */
function computeLayer(method: 'lora' | 'dora', expected: Expected) {
  const layer = { name: 'layer', out: expected.weight.length, input: expected.weight[0].length };
  const rows = expected.x.length;
  // A block that is this layer alone; nothing else of a decoder takes part.
  const single = {
    sizes: { layers: 1 },
    parameters: [],
    blockParameters: {},
    blockParameterName: (_: number, name: string) => name,
    block: (x, weights, { project }) => ({ output: project!(x, 'layer', weights), keep: {} }),
  } as Pick<Decoder, 'parameters' | 'blockParameters' | 'blockParameterName' | 'block'> as Decoder;
  const { r, alpha } = golden;
  const decoder = adaptLayers(single, [layer], { method, r, alpha, dropout: 0.5 });
  const graph = new Graph();
  const input = (name: string, ...shape: number[]) => graph.input(name, 'f32', shape);
  const weights = {
    'layer.weight': input('weight', layer.out, layer.input),
    'layer.bias': input('bias', layer.out),
    'layer.lora_A.weight': input('a', r, layer.input),
    'layer.lora_B.weight': input('b', layer.out, r),
    'layer.lora_magnitude_vector': input('magnitude', layer.out),
    'layer.squared_norms': input('squaredNorms', layer.out),
  };
  const x = input('x', rows, layer.input);
  const inputFactors = { layer: input('factors', rows, layer.input) };
  const positions = graph.input('positions', 'i32', [rows, 1]);
  const { output } = decoder.block(x, weights, { rows, length: 1, positions, masks: [], inputFactors });
  const of = sum(mul(output, input('probe', rows, layer.out)));
  const learnt = {
    x,
    a: weights['layer.lora_A.weight'],
    b: weights['layer.lora_B.weight'],
    ...(method === 'dora' && { magnitude: weights['layer.lora_magnitude_vector'] }),
  };
  const derivatives = gradients([{ of, upstream: graph.constant(1) }], Object.values(learnt));
  const squaredNorms = expected.weight.map((row) => row.reduce((total, value) => total + value * value, 0));
  const { x: given, factors, probe, weight, bias, a, b, magnitude = [] } = expected;
  const values = { x: given, factors, probe, weight, bias, a, b, magnitude, squaredNorms };
  const feeds = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, flat(value)]));
  const [found, ...foundDerivatives] = interpret([output, ...derivatives.map((tensor) => tensor!)], feeds);
  return { output: found, gradients: Object.keys(learnt).map((name, i) => [name, foundDerivatives[i]] as const) };
}

describe.each(['lora', 'dora'] as const)('a linear layer with dropout (%s)', (method) => {
  const expected = golden[method];
  const furthest = (found: Float64Array, values: Matrix | readonly number[]) =>
    flat(values).reduce((most, value, i) => Math.max(most, Math.abs(value - found[i])), 0);

  it('has the output and the gradients that PEFT gives it', () => {
    const found = computeLayer(method, expected);
    expect(furthest(found.output, expected.output)).toBeLessThan(1e-12);
    expect(found.gradients).toHaveLength(Object.keys(expected.gradients).length);
    for (const [name, values] of found.gradients) {
      expect(furthest(values, expected.gradients[name]), name).toBeLessThan(1e-12);
    }
  });

  it('has others where other inputs are left out', () => {
    const factors = expected.factors.map((row) => row.map((factor) => 2 - factor));
    expect(furthest(computeLayer(method, { ...expected, factors }).output, expected.output)).toBeGreaterThan(0.1);
  });
});

const shape = { rows: 2, length: 16 };
const ids = Int32Array.from({ length: 32 }, (_, i) => (i * 17) % 61);
const batch: TokenBatch = {
  ...shape,
  ids,
  labels: ids.map((_, i) => ((i + 1) % 16 === 0 ? -1 : ids[i + 1])),
  segments: ids.map(() => 1),
  positions: ids.map((_, i) => i % 16),
};
const streamsOf =
  (seed: number): StepOptions['dropout'] =>
  (layer, module) =>
    stream(seed, 'dropout', layer, module);

async function gradientsOf(
  model: AdaptedModel,
  dropout: StepOptions['dropout'],
  options: Partial<ProgramOptions> = {},
) {
  const program = new CausalLmProgram(engine, model.decoder, model.parameters, { ...shape, ...options });
  try {
    await program.forwardBackward(batch, { labelWeight: 0.1, accumulate: false, dropout });
    return new Map([...model.trainable].map(([name, { gradient }]) => [name, Float32Array.from(gradient)]));
  } finally {
    program.release();
  }
}

const kinds = {
  llama: {},
  mixtral: { model_type: 'mixtral', num_local_experts: 3, tie_word_embeddings: false },
} as const;
const cases = (['llama', 'mixtral'] as const).flatMap((kind) =>
  (['lora', 'dora', 'qlora'] satisfies AdapterMethod[]).map((method) => [method, kind] as const),
);

describe.each(cases)('a step with dropout (%s, %s)', (method, kind) => {
  const adapted = () => {
    const model = tinyModel(1, kinds[kind]);
    const settings = { method, r: 3, alpha: 6, targetModules: 'all-linear', dropout: 0.2 } as const;
    return randomAdapter(method === 'qlora' ? quantizeModel(model) : model, settings);
  };

  it('leaves out the same in each of its forms, forwards and backwards', async () => {
    const model = adapted();
    const first = await gradientsOf(model, streamsOf(1), { whole: false });
    const others = [{ whole: true }, { whole: false, keep: 'inputs', headRows: 5 }] as const;
    for (const options of others) {
      expect(worstRelativeError(await gradientsOf(model, streamsOf(1), options), first)).toBeLessThan(1e-5);
    }
    expect(await gradientsOf(model, streamsOf(1), { whole: false })).toEqual(first);
    expect(worstRelativeError(await gradientsOf(model, streamsOf(2), { whole: false }), first)).toBeGreaterThan(0.1);
  });

  it('leaves nothing out where the model is asked', async () => {
    const model = adapted();
    const lossesOf = async ({ decoder, parameters }: Pick<AdaptedModel, 'decoder' | 'parameters'>) => {
      const program = new CausalLmProgram(engine, decoder, parameters, shape);
      const losses = await program.score(batch);
      program.release();
      return losses;
    };
    const plain = adaptLayers(model.base.decoder, linearModules(model.base.decoder), {
      ...model.adapter.settings,
      dropout: 0,
    });
    expect(await lossesOf(model)).toEqual(await lossesOf({ ...model, decoder: plain }));
  });
});

it('a step of a model with dropout takes no less than streams to draw from', async () => {
  const settings = { method: 'lora', r: 3, alpha: 6, targetModules: 'all-linear', dropout: 0.2 } as const;
  await expect(gradientsOf(randomAdapter(tinyModel(), settings), undefined)).rejects.toThrow(/without streams/);
});
