import { describe, expect, it } from 'vitest';
import { gradients } from '../../graph/backward.ts';
import { Graph } from '../../graph/graph.ts';
import { interpret } from '../../graph/interpret.ts';
import { mul } from '../../graph/ops/elementwise.ts';
import { sum } from '../../graph/ops/reduce.ts';
import { stream } from '../../random/stream.ts';
import type { GroupedLayers } from '../decoder.ts';
import { linearLayer } from '../layers/linear.ts';
import { mixtral } from '../mixtral/model.ts';
import { expertLayer } from './expert-layer.ts';

const [tokens, hidden, intermediate] = [6, 4, 5];

/** Values of a layer and of what it reads, by name; all random but for `changes`. */
type Values = Readonly<Record<string, Float64Array>>;

/** The layer as a function of float64 arrays, its derivatives, and how many rows each expert was sent. */
function layerOf(count: number, perToken: number, changes: Values = {}) {
  const description = mixtral.describe({
    model_type: 'mixtral',
    vocab_size: 8,
    hidden_size: hidden,
    intermediate_size: intermediate,
    num_hidden_layers: 1,
    num_attention_heads: 1,
    num_key_value_heads: 1,
    max_position_embeddings: 16,
    num_local_experts: count,
    num_experts_per_tok: perToken,
  });
  const graph = new Graph();
  const x = graph.input('x', 'f32', [tokens, hidden]);
  const shapes: [string, number[]][] = [
    ['block_sparse_moe.gate', [count, hidden]],
    ...Array.from({ length: count }, (_, e): [string, number[]][] => [
      [`block_sparse_moe.experts.${e}.w1`, [intermediate, hidden]],
      [`block_sparse_moe.experts.${e}.w3`, [intermediate, hidden]],
      [`block_sparse_moe.experts.${e}.w2`, [hidden, intermediate]],
    ]).flat(),
  ];
  const weights = Object.fromEntries(
    shapes.map(([name, shape]) => [`${name}.weight`, graph.input(`${name}.weight`, 'f32', shape)]),
  );
  let sizes = x;
  const project = (rows: typeof x, layer: string | GroupedLayers) => {
    if (typeof layer !== 'string') sizes = layer.groups.sizes;
    return linearLayer(rows, layer, weights);
  };
  const positions = graph.input('positions', 'i32', [1, tokens]);
  const context = { rows: 1, length: tokens, positions, masks: [], weights, project };
  const { output } = expertLayer(x, context, description);
  const random = stream(5, 'experts', count, perToken);
  const draw = (size: number) => Float64Array.from({ length: size }, () => random.normal());
  const drawn = Object.fromEntries(shapes.map(([name, [out, input]]) => [`${name}.weight`, draw(out * input)]));
  const feeds: Values = { x: draw(tokens * hidden), probe: draw(tokens * hidden), ...drawn, ...changes };
  const value = sum(mul(output, graph.input('probe', 'f32', output.shape)));
  const wrt = { x, ...weights };
  const derivatives = gradients([{ of: value, upstream: graph.constant(1) }], Object.values(wrt));
  return {
    feeds,
    output: () => interpret([output], feeds)[0],
    value: (values: Values) => interpret([value], values)[0][0],
    derivatives: () => {
      const found = interpret(
        derivatives.map((tensor) => tensor!),
        feeds,
      );
      return Object.keys(wrt).map((name, i) => [name, found[i]] as const);
    },
    sizes: () => [...interpret([sizes], feeds)[0]],
  };
}

/** Token by token from the definition: all experts, of which those that were not chosen count with 0. */
function densely(count: number, perToken: number, feeds: Values): number[] {
  const times = (matrix: Float64Array, vector: readonly number[]) =>
    Array.from({ length: matrix.length / vector.length }, (_, row) =>
      vector.reduce((total, value, i) => total + value * matrix[row * vector.length + i], 0),
    );
  return Array.from({ length: tokens }, (_, token) => {
    const x = [...feeds.x.subarray(token * hidden, (token + 1) * hidden)];
    const logits = times(feeds['block_sparse_moe.gate.weight'], x);
    const least = logits.toSorted((a, b) => b - a)[perToken - 1];
    const exponents = logits.map((logit) => (logit >= least ? Math.exp(logit) : 0));
    const total = exponents.reduce((a, b) => a + b);
    const result = new Array<number>(hidden).fill(0);
    for (let expert = 0; expert < count; expert++) {
      const weightOf = (name: string) => feeds[`block_sparse_moe.experts.${expert}.${name}.weight`];
      const up = times(weightOf('w3'), x);
      const inner = times(weightOf('w1'), x).map((gate, i) => (gate / (1 + Math.exp(-gate))) * up[i]);
      times(weightOf('w2'), inner).forEach((y, i) => {
        result[i] += (exponents[expert] / total) * y;
      });
    }
    return result;
  }).flat();
}

/** A router whose logits are those of `favourites` x the first channel, which is 1 for all tokens. */
function favouring(favourites: readonly number[]): Values {
  const random = stream(9, 'tokens');
  return {
    'block_sparse_moe.gate.weight': Float64Array.from(favourites.flatMap((logit) => [logit, 0, 0, 0])),
    x: Float64Array.from({ length: tokens * hidden }, (_, i) => (i % hidden === 0 ? 1 : random.normal())),
  };
}

describe.each([
  ['two of four', 4, 2, {}, undefined],
  ['one of three', 3, 1, {}, undefined],
  ['all of two', 2, 2, {}, [tokens, tokens]],
  ['all tokens to one expert', 3, 1, favouring([0, 2, 1]), [0, tokens, 0]],
  ['all tokens to the first and the last', 4, 2, favouring([3, 0, 1, 2]), [tokens, 0, 0, tokens]],
  ['one expert', 1, 1, {}, [tokens]],
] as const)('%s', (_name, count, perToken, changes: Values, sizes) => {
  const layer = layerOf(count, perToken, changes);

  it('gives what all experts give with the others at weight 0', () => {
    const expected = densely(count, perToken, layer.feeds);
    layer.output().forEach((value, i) => {
      expect(value).toBeCloseTo(expected[i], 10);
    });
  });

  it('computes each expert on the tokens that are sent to it', () => {
    expect(layer.sizes()).toEqual(sizes ?? expect.anything());
    expect(layer.sizes().reduce((a, b) => a + b)).toBe(tokens * perToken);
  });

  it('has the derivatives of finite differences, the router too', () => {
    const step = 1e-5;
    for (const [name, found] of layer.derivatives()) {
      found.forEach((derivative, index) => {
        const at = (change: number) => {
          const moved = layer.feeds[name].map((value, i) => (i === index ? value + change : value));
          return layer.value({ ...layer.feeds, [name]: moved });
        };
        const difference = (at(step) - at(-step)) / (2 * step);
        expect(Math.abs(difference - derivative), `${name}[${index}]`).toBeLessThan(
          1e-6 * Math.max(1, Math.abs(difference)),
        );
      });
    }
  });
});
