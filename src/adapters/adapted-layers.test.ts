import { describe, expect, it } from 'vitest';
import { gradients } from '../graph/backward.ts';
import { Graph } from '../graph/graph.ts';
import { interpret } from '../graph/interpret.ts';
import { mul } from '../graph/ops/elementwise.ts';
import { sum } from '../graph/ops/reduce.ts';
import { elementCount } from '../graph/tensor.ts';
import { attentionMasks } from '../models/layers/attention-masks.ts';
import { createDecoder } from '../models/registry.ts';
import { stream } from '../random/stream.ts';
import { adaptLayers, partOf } from './adapted-layers.ts';
import { type AdapterMethod, scaleOf } from './settings.ts';
import { linearModules } from './target-modules.ts';

const sizes = {
  vocab_size: 11,
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 1,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 16,
};
const dense = createDecoder({ ...sizes, model_type: 'qwen2' });
const sparse = createDecoder({ ...sizes, model_type: 'mixtral', num_local_experts: 3 });
/** An adapter takes part in all linear layers, or leaves some experts and some layers of experts as they are. */
const models = {
  qwen2: { base: dense, modules: linearModules(dense) },
  mixtral: { base: sparse, modules: linearModules(sparse).filter(({ name }) => !/experts\.(1|2\.w1)/.test(name)) },
};
type ModelType = keyof typeof models;
const length = 5;

/** One block with its adapter as a function of float64 arrays: a number, and its derivatives by what the adapter learns. */
function blockOf(method: AdapterMethod, model: ModelType) {
  const { base, modules } = models[model];
  const settings = { method, r: 3, alpha: 5 };
  const decoder = adaptLayers(base, modules, settings);
  const graph = new Graph();
  const hidden = graph.input('hidden', 'f32', [length, 8]);
  const entries = Object.entries(decoder.blockParameters);
  const weights = Object.fromEntries(entries.map(([name, shape]) => [name, graph.input(name, 'f32', shape)]));
  const { output } = decoder.block(hidden, weights, {
    rows: 1,
    length,
    cos: graph.input('cos', 'f32', [length, 2]),
    sin: graph.input('sin', 'f32', [length, 2]),
    positions: graph.input('positions', 'i32', [1, length]),
    masks: attentionMasks(graph.input('segments', 'i32', [1, length])),
  });
  const value = sum(mul(output, graph.input('probe', 'f32', output.shape)));
  const learnt = entries.map(([name]) => name).filter((name) => (partOf(name) ?? 'squaredNorms') !== 'squaredNorms');
  const derivatives = gradients(
    [{ of: value, upstream: graph.constant(1) }],
    learnt.map((name) => weights[name]),
  );
  const random = stream(3, 'block', method);
  const draw = (count: number) => Float64Array.from({ length: count }, () => 0.5 * random.normal());
  const { cos, sin } = base.layerKinds[0].rotaryTables(length)!;
  const feeds: Record<string, Float64Array> = {
    ...Object.fromEntries(entries.map(([name, shape]) => [name, draw(elementCount(shape))])),
    hidden: draw(length * 8),
    probe: draw(length * 8),
    cos: Float64Array.from(cos),
    sin: Float64Array.from(sin),
    positions: Float64Array.from({ length }, (_, i) => i),
    segments: new Float64Array(length).fill(1),
  };
  for (const { name, out, input } of modules) {
    if (method !== 'dora') break;
    const weight = feeds[`${name}.weight`];
    feeds[`${name}.squared_norms`] = Float64Array.from({ length: out }, (_, row) =>
      weight.subarray(row * input, (row + 1) * input).reduce((total, x) => total + x * x, 0),
    );
  }
  return {
    learnt,
    feeds,
    value: (values = feeds) => interpret([value], values)[0][0],
    derivatives: () =>
      interpret(
        derivatives.map((tensor) => tensor!),
        feeds,
      ),
    scale: scaleOf(settings),
    modules,
  };
}

/** Lengths of the rows of W + s B A, from the definition. */
function rowLengths(feeds: Record<string, Float64Array>, name: string, input: number, scale: number): Float64Array {
  const [weight, a, b] = [feeds[`${name}.weight`], feeds[`${name}.lora_A.weight`], feeds[`${name}.lora_B.weight`]];
  const r = a.length / input;
  return Float64Array.from({ length: weight.length / input }, (_, row) => {
    let total = 0;
    for (let i = 0; i < input; i++) {
      let value = weight[row * input + i];
      for (let k = 0; k < r; k++) value += scale * b[row * r + k] * a[k * input + i];
      total += value * value;
    }
    return Math.sqrt(total);
  });
}

const cases = (['qwen2', 'mixtral'] as const).flatMap((model) =>
  (['lora', 'rslora', 'dora'] as const).map((method) => [method, model] as const),
);

describe.each(cases)('%s of a block of %s', (method, model) => {
  it('derivatives by A, B and magnitudes are those of finite differences', () => {
    const { learnt, feeds, value, derivatives, scale, modules } = blockOf(method, model);
    const found = derivatives();
    const step = 1e-5;
    let largest = 0;
    for (const [k, name] of learnt.entries()) {
      const module = modules.find((candidate) => name.startsWith(`${candidate.name}.`))!;
      const magnitude = `${module.name}.lora_magnitude_vector`;
      const lengths = method === 'dora' && rowLengths(feeds, module.name, module.input, scale);
      const at = (index: number, change: number) => {
        const changed = { ...feeds, [name]: feeds[name].map((x, i) => (i === index ? x + change : x)) };
        if (lengths && name !== magnitude) {
          // No gradient goes through the lengths: magnitudes that grow with them hold the quotient still.
          const moved = rowLengths(changed, module.name, module.input, scale);
          changed[magnitude] = feeds[magnitude].map((m, row) => (m * moved[row]) / lengths[row]);
        }
        return value(changed);
      };
      for (const index of [0, 2, feeds[name].length - 1]) {
        const difference = (at(index, step) - at(index, -step)) / (2 * step);
        largest = Math.max(largest, Math.abs(difference));
        expect(Math.abs(difference - found[k][index]), `${name}[${index}]`).toBeLessThan(1e-6);
      }
    }
    expect(largest).toBeGreaterThan(0.1);
  });
});

it.each(['qwen2', 'mixtral'] as const)('a row of magnitude one half of its length is halved (%s)', (model) => {
  const { feeds, value, modules, scale } = blockOf('dora', model);
  const scaled = (factor: number) => {
    const changed = { ...feeds };
    for (const { name, input } of modules) {
      changed[`${name}.lora_magnitude_vector`] = rowLengths(feeds, name, input, scale).map((x) => factor * x);
    }
    return changed;
  };
  // The same as a plain block whose weights are factor (W + s B A).
  const graph = blockOf('lora', model);
  for (const factor of [1, 0.5]) {
    const merged = { ...graph.feeds, ...feeds };
    for (const { name, out, input } of modules) {
      const [a, b] = [feeds[`${name}.lora_A.weight`], feeds[`${name}.lora_B.weight`]];
      const r = a.length / input;
      merged[`${name}.weight`] = feeds[`${name}.weight`].map((w, at) => {
        const [row, i] = [Math.floor(at / input), at % input];
        let total = w;
        for (let k = 0; k < r; k++) total += scale * b[row * r + k] * a[k * input + i];
        return factor * total;
      });
      merged[`${name}.lora_B.weight`] = new Float64Array(out * r);
    }
    expect(value(scaled(factor))).toBeCloseTo(graph.value(merged), 9);
  }
});
