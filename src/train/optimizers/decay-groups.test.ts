import { describe, expect, it } from 'vitest';
import { decays, isHiddenMatrix } from './decay-groups.ts';

describe('decays', () => {
  it.each([
    ['model.layers.0.self_attn.q_proj.weight', [64, 64], true],
    ['lm_head.weight', [512, 64], true],
    ['model.embed_tokens.weight', [512, 64], true],
    ['model.layers.0.self_attn.q_proj.bias', [64], false],
    ['model.norm.weight', [64], false],
    ['model.layers.0.post_attention_layernorm.weight', [1, 64], false],
    ['model.layers.0.self_attn.q_norm.weight', [1, 64], false],
    ['transformer.ln_f.weight', [1, 64], false],
    ['encoder.LayerNorm.weight', [1, 64], false],
    ['model.normalizer_projection.weight', [64, 64], true],
    ['temperature', [], false],
  ])('%s %j: %s', (name, shape, expected) => {
    expect(decays({ name, shape })).toBe(expected);
  });

  it.each(['model.embed_tokens.weight', 'transformer.wte.weight', 'embeddings.word_embeddings.weight'])(
    'can spare %s',
    (name) => {
      expect(decays({ name, shape: [8, 4] }, { exemptEmbeddings: true })).toBe(false);
    },
  );

  it('spares nothing else with the embeddings', () => {
    expect(decays({ name: 'lm_head.weight', shape: [8, 4] }, { exemptEmbeddings: true })).toBe(true);
  });
});

describe('isHiddenMatrix', () => {
  it.each([
    ['model.layers.0.self_attn.q_proj.weight', [64, 64], true],
    ['transformer.h.0.mlp.c_fc.weight', [256, 64], true],
    ['base_model.model.model.layers.0.mlp.up_proj.lora_A.weight', [8, 64], true],
    ['model.layers.0.mlp.gate.weight', [4, 64], true],
    ['model.layers.0.mlp.shared.gate_proj.weight', [64, 64], true],
    ['model.embed_tokens.weight', [512, 64], false],
    ['transformer.wpe.weight', [512, 64], false],
    ['shared.weight', [384, 64], false],
    ['encoder.block.0.layer.0.SelfAttention.relative_attention_bias.weight', [32, 6], false],
    ['lm_head.weight', [512, 64], false],
    ['model.layers.0.self_attn.q_norm.weight', [1, 64], false],
    ['model.norm.weight', [64], false],
    ['model.layers.0.self_attn.q_proj.bias', [64], false],
  ])('%s %j: %s', (name, shape, expected) => {
    expect(isHiddenMatrix({ name, shape })).toBe(expected);
  });
});
