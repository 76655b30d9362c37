import { afterAll, expect, it } from 'vitest';
import { initModel } from '../../models/model.ts';
import { Engine } from '../../runtime/engine.ts';
import { freeze } from './freeze.ts';
import { frozenBytes } from './frozen-bytes.ts';

const engine = new Engine({ threads: 1 });
afterAll(() => engine.close());

it.each((['f32', 'int8', 'int4'] as const).flatMap((precision) => [true, false].map((tied) => ({ precision, tied }))))(
  'are those that the frozen model has: %j',
  ({ precision, tied }) => {
    const model = initModel(
      {
        model_type: 'qwen2',
        vocab_size: 101,
        // Neither is a multiple of the 32 values that share a scale.
        hidden_size: 80,
        intermediate_size: 72,
        num_hidden_layers: 2,
        num_attention_heads: 5,
        num_key_value_heads: 1,
        max_position_embeddings: 64,
        tie_word_embeddings: tied,
      },
      { seed: 1, purpose: 'inference' },
    );
    const frozen = freeze(engine, model, { precision });
    expect(frozenBytes(model.decoder, precision)).toBe(frozen.bytes);
    frozen.release();
  },
);
