import { afterAll, describe, expect, it } from 'vitest';
import { Scorer } from '../../eval/score.ts';
import { initModel } from '../../models/model.ts';
import { stream } from '../../random/stream.ts';
import { Engine } from '../../runtime/engine.ts';
import { PlainCache } from '../cache/plain-cache.ts';
import type { FrozenAdapter, LowRankUpdate } from './adapter.ts';
import { type FreezableModel, freeze } from './freeze.ts';
import type { FrozenModel } from './frozen-model.ts';

const engine = new Engine({ threads: 2 });
afterAll(() => engine.close());

const configs = {
  'llama, grouped queries, tied': {
    model_type: 'llama',
    vocab_size: 300,
    hidden_size: 64,
    intermediate_size: 160,
    num_hidden_layers: 3,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    max_position_embeddings: 512,
    tie_word_embeddings: true,
  },
  'qwen2, biases, untied': {
    model_type: 'qwen2',
    vocab_size: 300,
    hidden_size: 64,
    intermediate_size: 96,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 4,
    max_position_embeddings: 512,
    tie_word_embeddings: false,
  },
  'llama 3, scaled positions': {
    model_type: 'llama',
    vocab_size: 300,
    hidden_size: 48,
    intermediate_size: 96,
    num_hidden_layers: 2,
    num_attention_heads: 3,
    num_key_value_heads: 1,
    max_position_embeddings: 512,
    rope_theta: 500000,
    rope_scaling: {
      rope_type: 'llama3',
      factor: 8,
      low_freq_factor: 1,
      high_freq_factor: 4,
      original_max_position_embeddings: 64,
    },
    tie_word_embeddings: true,
  },
  'mixtral, experts': {
    model_type: 'mixtral',
    vocab_size: 300,
    hidden_size: 64,
    intermediate_size: 96,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    num_local_experts: 4,
    num_experts_per_tok: 2,
    max_position_embeddings: 512,
    tie_word_embeddings: false,
  },
};

/** All parameters random, norms and biases too, and logits that differ. */
function randomModel(config: Record<string, unknown>) {
  const model = initModel(config, { seed: 7 });
  for (const { name, weight } of model.parameters.values()) {
    const noise = stream(3, name);
    const isNorm = name.includes('norm');
    for (let i = 0; i < weight.length; i++)
      weight[i] = isNorm ? 1 + 0.3 * noise.normal() : 4 * weight[i] + 0.02 * noise.normal();
  }
  return model;
}

const randomIds = (count: number, seed: number): number[] => {
  const random = stream(seed, 'ids');
  return Array.from({ length: count }, () => random.below(300));
};

/** Log-probability of each next token, by the frozen model: in chunks, then token by token. */
async function logProbabilities(
  frozen: FrozenModel,
  ids: readonly number[],
  chunks: readonly number[],
  adapter?: FrozenAdapter,
): Promise<number[]> {
  const cache = new PlainCache(engine, frozen.decoder, { slots: 1, capacity: 256 });
  const sequence = cache.open([0])!;
  const view = cache.view([sequence]);
  const results: number[] = [];
  let at = 0;
  for (const length of [...chunks, ...Array(ids.length - 1 - chunks.reduce((a, b) => a + b, 0)).fill(1)]) {
    const step = frozen.prepare(view, { length, rows: Array.from({ length }, (_, i) => i), adapter });
    const part = ids.slice(at, at + length);
    await step.run(part, [at]);
    sequence.append(part);
    for (let i = 0; i < length; i++) {
      const logits = step.logits.subarray(i * 300, (i + 1) * 300);
      const greatest = logits.reduce((a, b) => Math.max(a, b));
      const sum = logits.reduce((total, logit) => total + Math.exp(logit - greatest), 0);
      results.push(logits[ids[at + i + 1]] - greatest - Math.log(sum));
    }
    step.release();
    at += length;
  }
  view.release();
  return results;
}

const worst = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - b[i])), 0);

/** The model with updates in its weights, in arrays of its own. */
function withUpdates(model: FreezableModel, updates: ReadonlyMap<string, LowRankUpdate>): FreezableModel {
  const parameters = new Map(
    [...model.parameters].map(([name, { weight }]) => {
      const changed = weight.slice();
      const update = updates.get(name);
      if (update) {
        const { a, b, rank, scale } = update;
        const input = a.length / rank;
        for (let place = 0; place < changed.length; place++) {
          const [row, column] = [Math.floor(place / input), place % input];
          for (let r = 0; r < rank; r++) changed[place] += scale * b[row * rank + r] * a[r * input + column];
        }
      }
      return [name, { weight: changed }];
    }),
  );
  return { decoder: model.decoder, parameters };
}

describe.each(Object.entries(configs))('%s', (_, config) => {
  const model = randomModel(config);
  const ids = randomIds(150, 1);

  it('gives what the training segments give, whatever the chunks', async () => {
    const scorer = new Scorer(engine, model);
    const { logProbabilities: expected } = await scorer.score(ids);
    scorer.release();
    const frozen = freeze(engine, model);
    for (const chunks of [[], [64, 64], [1, 63, 70], [149]]) {
      const found = await logProbabilities(frozen, ids, chunks);
      const error = found.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i + 1]!)), 0);
      expect(error, `${chunks}`).toBeLessThan(1e-4);
    }
    frozen.release();
  });

  it('adds an adapter as if it were in the weights', async () => {
    const updated = [...model.parameters.keys()].filter((name) =>
      /\.1\..*((q|v|up|down)_proj|w[12])\.weight$/.test(name),
    );
    const noise = stream(9, 'adapter');
    const updates = new Map(
      updated.map((name, i): [string, LowRankUpdate] => {
        const [out, input] = model.parameters.get(name)!.shape;
        const rank = 2 + i;
        const draw = (length: number) => Float32Array.from({ length }, () => 0.1 * noise.normal());
        return [name, { a: draw(rank * input), b: draw(out * rank), rank, scale: 0.5 }];
      }),
    );
    const frozen = freeze(engine, model, { adapters: true });
    const plain = await logProbabilities(frozen, ids, [64]);
    const adapter = frozen.adapter(updates);
    const found = await logProbabilities(frozen, ids, [64], adapter);
    adapter.release();
    frozen.release();

    const merged = freeze(engine, withUpdates(model, updates));
    const expected = await logProbabilities(merged, ids, [64]);
    merged.release();
    expect(worst(found, expected)).toBeLessThan(1e-4);
    expect(worst(found, plain)).toBeGreaterThan(0.1);
    expect(() => frozen.adapter(new Map([['lm_head.weight', updates.values().next().value!]]))).toThrow(
      'lm_head.weight',
    );
  });

  it('goes on unchanged when the model is trained further, and needs none of its arrays', async () => {
    const copy = withUpdates(model, new Map());
    const frozen = freeze(engine, copy);
    const before = await logProbabilities(frozen, ids, [64]);
    for (const { weight } of copy.parameters.values()) weight.fill(Number.NaN);
    expect(await logProbabilities(frozen, ids, [64])).toEqual(before);
    frozen.release();
  });

  it.each([
    ['int8', 0.05],
    ['int4', 0.8],
  ] as const)('stays near itself in %s', async (precision, most) => {
    const exact = freeze(engine, model);
    const rounded = freeze(engine, model, { precision });
    const expected = await logProbabilities(exact, ids, [64]);
    const found = await logProbabilities(rounded, ids, [64]);
    const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
    const error = mean(found.map((value, i) => Math.abs(value - expected[i])));
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThan(most);
    exact.release();
    rounded.release();
  });
});

it('refuses head sizes that cannot be generated with', () => {
  const model = initModel({ ...configs['llama, grouped queries, tied'], num_attention_heads: 8 }, { seed: 1 });
  expect(() => freeze(engine, model)).toThrow('head size: found 8, expected a multiple of 16');
});

/** Logits [rows, 300] of each sequence's next token, of one step over all of them. */
async function stepLogits(frozen: FrozenModel, tokens: readonly number[]): Promise<Float32Array> {
  const cache = new PlainCache(engine, frozen.decoder, { slots: tokens.length, capacity: 16 });
  const view = cache.view(tokens.map(() => cache.open([0])!));
  const step = frozen.prepare(view, { length: 1 });
  await step.run(
    tokens,
    tokens.map(() => 0),
  );
  const logits = step.logits.slice();
  step.release();
  view.release();
  return logits;
}

describe('experts', () => {
  it.each(['f32', 'int8', 'int4'] as const)(
    'leave a token alone that others were sent to, in %s',
    async (precision) => {
      const frozen = freeze(engine, randomModel(configs['mixtral, experts']), { precision });
      const tokens = randomIds(6, 9);
      const together = await stepLogits(frozen, tokens);
      for (const [row, token] of tokens.entries()) {
        expect(await stepLogits(frozen, [token])).toEqual(together.slice(row * 300, (row + 1) * 300));
      }
      frozen.release();
    },
  );

  it('are not computed where no token is sent to them', async () => {
    const model = randomModel(configs['mixtral, experts']);
    const whole = freeze(engine, model);
    for (const [name, { weight }] of model.parameters) {
      // Of equal logits the first experts are chosen.
      if (name.endsWith('block_sparse_moe.gate.weight')) weight.fill(0);
    }
    const even = freeze(engine, model);
    const expected = await stepLogits(even, [5]);
    expect(expected).not.toEqual(await stepLogits(whole, [5]));
    for (const [name, { weight }] of model.parameters) if (/experts\.[23]\./.test(name)) weight.fill(Number.NaN);
    const broken = freeze(engine, model);
    expect(await stepLogits(broken, [5])).toEqual(expected);
    for (const frozen of [whole, even, broken]) frozen.release();
  });
});
