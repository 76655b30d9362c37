import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.ts';
import { Scorer } from '../eval/score.ts';
import { stream } from '../random/stream.ts';
import { Engine } from '../runtime/engine.ts';
import { initModel } from './model.ts';

const config = {
  model_type: 'llama',
  vocab_size: 1024,
  hidden_size: 128,
  intermediate_size: 256,
  num_hidden_layers: 3,
  num_attention_heads: 4,
  num_key_value_heads: 4,
  max_position_embeddings: 256,
  initializer_range: 0.09,
  tie_word_embeddings: true,
};

/** Mean nats of the tokens of random lists: when they come first, and when the list is repeated. */
async function measure(inductionHeads: boolean, changes: object = {}) {
  const model = initModel({ ...config, ...changes }, { seed: 1, inductionHeads, purpose: 'inference' });
  const engine = new Engine({ threads: 1 });
  const scorer = new Scorer(engine, model);
  const random = stream(1, 'lists');
  const nats = { first: 0, again: 0 };
  const [lists, length] = [8, 24];
  for (let i = 0; i < lists; i++) {
    const list = Array.from({ length }, () => random.below(config.vocab_size));
    const { logProbabilities } = await scorer.score([...list, ...list]);
    for (let at = 1; at < length; at++) {
      nats.first -= logProbabilities[at]! / lists / (length - 1);
      nats.again -= logProbabilities[length + at]! / lists / (length - 1);
    }
  }
  scorer.release();
  await engine.close();
  return nats;
}

describe('induction heads', () => {
  it('make a new model expect again what it has read, which without them it does not', async () => {
    const { first, again } = await measure(true);
    expect(again).toBeLessThan(first - 1.5);
    const without = await measure(false);
    expect(Math.abs(without.again - without.first)).toBeLessThan(0.3);
  });

  it('fit into heads that share keys', async () => {
    const { first, again } = await measure(true, { num_key_value_heads: 2 });
    expect(again).toBeLessThan(first - 0.8);
  });

  it.each([
    ['one layer', { num_hidden_layers: 1 }],
    ['a head of its own', { tie_word_embeddings: false }],
    ['heads that are rotated in part', { model_type: 'phi3', partial_rotary_factor: 0.5 }],
    ['angles that are all slow', { rope_scaling: { rope_type: 'linear', factor: 100 } }],
    ['angles that are all fast', { rope_theta: 1.5 }],
    ['no room beside two heads', { hidden_size: 64, num_attention_heads: 1, num_key_value_heads: 1, head_dim: 32 }],
    ['norms of queries', { model_type: 'qwen3', head_dim: 32 }],
  ])('are refused with %s', (_, changes) => {
    expect(() => initModel({ ...config, ...changes }, { seed: 1, inductionHeads: true })).toThrow(UsageError);
  });
});
