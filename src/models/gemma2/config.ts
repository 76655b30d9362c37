/** `config.json` of Gemma 2. */
import { z } from 'zod';
import { decoderFields, ignoredField, layerTypes } from '../config.ts';
import { positive, size } from '../config-numbers.ts';

const geluTanh = z.literal('gelu_pytorch_tanh');

/** Those that Gemma 3 has too. */
export const gemmaFields = {
  ...decoderFields,
  num_key_value_heads: size,
  head_dim: size.default(256),
  hidden_act: geluTanh.optional(),
  hidden_activation: geluTanh.default('gelu_pytorch_tanh'),
  tie_word_embeddings: z.boolean().default(true),
  attention_bias: z.boolean().default(false),
  /** Queries are divided by its root, whatever the size of a head. */
  query_pre_attn_scalar: positive.default(256),
  sliding_window: size.default(4096),
  layer_types: layerTypes.nullish(),
  use_bidirectional_attention: z.literal(false).nullish(),
  /** Of the cache that transformers chooses. */
  cache_implementation: ignoredField,
} as const;

export const schema = z.strictObject({
  ...gemmaFields,
  model_type: z.literal('gemma2'),
  attn_logit_softcapping: positive.nullable().default(50),
  final_logit_softcapping: positive.nullable().default(30),
});
