import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.ts';
import type { JsonObject } from '../files/json-file.ts';
import { architectures, createDecoder, createEncoder, describeEncoderDecoder } from './registry.ts';

const sizes: JsonObject = {
  hidden_size: 64,
  intermediate_size: 96,
  num_hidden_layers: 4,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 100,
  max_position_embeddings: 256,
};

function problemOf(config: unknown) {
  try {
    createDecoder(config);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as UsageError).problem;
  }
  throw new Error('nothing was refused');
}

describe('an unknown architecture', () => {
  it('is refused with those that are known, the nearest of them, and what that one has no place for', () => {
    const { field, found, expected, fix } = problemOf({
      ...sizes,
      model_type: 'qwen3_moe',
      head_dim: 16,
      use_sliding_window: false,
      max_window_layers: 28,
      num_experts: 128,
      decoder_sparse_step: 1,
      mlp_only_layers: [],
      norm_topk_prob: true,
      moe_intermediate_size: 8,
    });
    expect([field, found]).toEqual(['config.json.model_type', '"qwen3_moe"']);
    for (const name of Object.keys(architectures)) expect(expected).toContain(`"${name}"`);
    expect(fix).toContain('nearest to "qwen');
    expect(fix).toContain('for num_experts, decoder_sparse_step, mlp_only_layers, norm_topk_prob, ...');
  });

  it('is refused too where all its fields are known, and is nearest to what has the fewest others', () => {
    const { fix } = problemOf({ ...sizes, model_type: 'granite' });
    expect(fix).toContain('The fields are those of "llama"');
    expect(fix).toContain('do not say that the computation is the same');
  });

  it('is taken for the one that its name nearly is, where the fields do not tell', () => {
    expect(problemOf({ ...sizes, model_type: 'qwen-2' }).fix).toContain('The fields are those of "qwen2"');
    expect(problemOf({ ...sizes, model_type: 'lama' }).fix).toContain('The fields are those of "llama"');
  });

  const multimodal = { vision_config: { hidden_size: 32 }, mm_tokens_per_image: 256, image_token_index: 9 };
  const flatGemma = { ...sizes, head_dim: 16, query_pre_attn_scalar: 16, rope_local_base_freq: 1e4, sliding_window: 8 };
  const t5 = { d_model: 32, d_kv: 8, d_ff: 48, num_heads: 4, num_layers: 2, vocab_size: 100, is_encoder_decoder: true };
  const distilbert = { dim: 64, hidden_dim: 96, n_layers: 2, n_heads: 4, sinusoidal_pos_embds: false, vocab_size: 100 };
  const bart = { d_model: 32, encoder_layers: 2, decoder_layers: 2, encoder_attention_heads: 4, vocab_size: 100 };
  it.each<[string, JsonObject, RegExp]>([
    [
      'gemma3',
      { ...multimodal, text_config: { model_type: 'gemma3_text', ...sizes } },
      /^Its text_config .*"gemma3_text"/,
    ],
    [
      'mistral3',
      { ...multimodal, text_config: { model_type: 'mistral', ...sizes } },
      /^Its text_config .*"mistral".*alone/,
    ],
    ['clip', { text_config: { model_type: 'clip_text_model' } }, /unknown model_type, "clip_text_model"/],
    ['gemma3', flatGemma, /^The fields are those of "gemma3_text"/],
    ['mistral3', { ...sizes, vision: true }, /^It is nearest to "mistral", but that .* for vision\. Choose/],
    ['mt5', t5, /^The fields are those of "t5"/],
    ['umt5', { ...t5, scalable_attention: true }, /^It is nearest to "t5", but that .* for scalable_attention\./],
    ['distilbert', distilbert, /^It is nearest to "bert", .* for dim, hidden_dim, .*, and needs hidden_size, /],
    [
      'gpt_bigcode',
      { n_embd: 8, n_layer: 1, n_head: 1, n_positions: 9, vocab_size: 9, multi_query: true },
      /"gpt2".* multi_query\./,
    ],
    ['bart', bart, /^Choose a checkpoint/],
    ['whisper', {}, /^Choose a checkpoint/],
  ])('gets advice of what it is and has: %s with %j', (model_type, fields, advice) => {
    const config = { model_type, ...fields };
    expect(problemOf(config).fix).toMatch(advice);
    expect(() => createEncoder(config)).toThrow(problemOf(config).fix);
    expect(() => describeEncoderDecoder(config)).toThrow(problemOf(config).fix);
  });

  it('gets no advice of fields that it does not have', () => {
    expect(problemOf({}).fix).toBe('Choose a checkpoint of a supported architecture.');
  });

  it.each([[undefined], [null], [[]], ['llama'], [{ model_type: 7 }], [{ model_type: 'constructor' }]])(
    'is refused: %j',
    (config) => {
      expect(problemOf(config).field).toBe('config.json.model_type');
    },
  );
});

describe('a configuration', () => {
  const refused: readonly (readonly [string, string, JsonObject, string])[] = [
    ['an unknown field', 'mistral', { attention_bias: true }, 'attention_bias'],
    ['a window of nothing', 'mistral', { sliding_window: 0 }, 'sliding_window'],
    ['windows where none are computed', 'qwen3', { use_sliding_window: true }, 'use_sliding_window'],
    ['key heads left to a default of its own', 'gemma2', { num_key_value_heads: undefined }, 'num_key_value_heads'],
    [
      'attention in both directions',
      'gemma3_text',
      { use_bidirectional_attention: true },
      'use_bidirectional_attention',
    ],
    ['a cap that Gemma 3 does not compute', 'gemma3_text', { attn_logit_softcapping: 50 }, 'attn_logit_softcapping'],
    ['too few layer types', 'gemma2', { layer_types: ['full_attention'] }, 'layer_types'],
    ['another activation', 'gemma2', { hidden_activation: 'relu' }, 'hidden_activation'],
    ['more experts for a token than there are', 'mixtral', { num_experts_per_tok: 9 }, 'num_experts_per_tok'],
    ['a hundred thousand experts', 'mixtral', { num_local_experts: 100_000 }, 'num_local_experts'],
    ['no channel to rotate', 'phi3', { partial_rotary_factor: 0.01 }, 'partial_rotary_factor'],
    ['heads that do not divide', 'phi3', { num_attention_heads: 6 }, 'hidden_size'],
  ];
  it.each(refused)('with %s is refused by its field', (_, type, fields, field) => {
    expect(problemOf({ ...sizes, model_type: type, ...fields }).field).toContain(`config.json.${field}`);
    expect(() => createDecoder({ ...sizes, model_type: type })).not.toThrow();
  });

  it.each([
    [{ rope_type: 'linear' }, 'a positive factor'],
    [{ rope_type: 'linear', factor: 2, beta: 1 }, 'nothing else'],
    [{ rope_type: 'dynamic', factor: 0.5 }, 'at least 1'],
    [{ rope_type: 'yarn', factor: 0 }, 'YaRN'],
    [{ type: 'longrope', short_factor: [1], long_factor: [1] }, 'every pair'],
    [{ type: 'su', short_factor: Array(8).fill(1), long_factor: Array(7).fill(1) }, 'every pair'],
    [
      { rope_type: 'llama3', factor: 8, low_freq_factor: 4, high_freq_factor: 1, original_max_position_embeddings: 9 },
      'larger',
    ],
    [{ rope_type: 'proportional' }, 'one of "default"'],
    [{ rope_type: 'toString' }, 'one of "default"'],
  ])('with the scaling %j is refused', (scaling, expected) => {
    const { field, expected: wanted } = problemOf({ ...sizes, model_type: 'llama', rope_scaling: scaling });
    expect(field).toContain('config.json.rope_scaling');
    expect(wanted).toContain(expected);
  });
});

describe('layers', () => {
  it.each([
    ['gemma2', {}, [1, 0, 1, 0]],
    ['gemma3_text', { sliding_window_pattern: 3 }, [1, 1, 0, 1]],
    ['gemma3_text', { layer_types: ['full_attention', ...Array(3).fill('sliding_attention')] }, [0, 1, 1, 1]],
  ])('of %s with %j are of kinds %j', (type, fields, kinds) => {
    const { kindOfLayer, layerKinds } = createDecoder({ ...sizes, model_type: type, ...fields });
    expect(kindOfLayer).toEqual(kinds);
    expect(layerKinds.map(({ window }) => window)).toEqual([undefined, 4096]);
  });
});
