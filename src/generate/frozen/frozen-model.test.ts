import { afterAll, describe, expect, it } from 'vitest';
import { Scorer } from '../../eval/score.ts';
import { initModel } from '../../models/model.ts';
import { stream } from '../../random/stream.ts';
import { Engine } from '../../runtime/engine.ts';
import { PlainCache } from '../cache/plain-cache.ts';
import { freeze } from './freeze.ts';
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
): Promise<number[]> {
  const cache = new PlainCache(engine, frozen.decoder.sizes, { slots: 1, capacity: 256 });
  const sequence = cache.open([0])!;
  const view = cache.view([sequence]);
  const results: number[] = [];
  let at = 0;
  for (const length of [...chunks, ...Array(ids.length - 1 - chunks.reduce((a, b) => a + b, 0)).fill(1)]) {
    const step = frozen.prepare(view, { length, rows: Array.from({ length }, (_, i) => i) });
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
});
