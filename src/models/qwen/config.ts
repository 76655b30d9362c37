/** `config.json` of the first Qwen and of models made from it, such as nekomata. */
import { z } from 'zod';
import { checkpointFields, ignoredField } from '../config.ts';
import { epsilon, layerCount, positive, rotaryBase, size } from '../config-numbers.ts';

export const schema = z.strictObject({
  ...checkpointFields,
  model_type: z.literal('qwen'),
  hidden_size: size,
  /** Of both halves of the feed-forward layer together. */
  intermediate_size: size.multipleOf(2),
  num_hidden_layers: layerCount,
  num_attention_heads: size,
  kv_channels: size.default(128),
  vocab_size: size,
  /** Up to here positions are as they were trained; beyond, the published code changes base and queries. */
  seq_length: size,
  max_position_embeddings: size.optional(),
  layer_norm_epsilon: epsilon.default(1e-6),
  initializer_range: positive.default(0.02),
  rotary_emb_base: rotaryBase.default(10_000),
  rotary_pct: z.literal(1).default(1),
  no_bias: z.boolean().default(true),
  scale_attn_weights: z.literal(true).optional(),
  tie_word_embeddings: z.literal(false).optional(),
  attn_dropout_prob: z.literal(0).optional(),
  emb_dropout_prob: z.literal(0).optional(),
  /** Without effect up to `seq_length`. */
  use_dynamic_ntk: ignoredField,
  use_logn_attn: ignoredField,
  /** Of the published code: element types, kernels and caches. */
  auto_map: ignoredField,
  bf16: ignoredField,
  fp16: ignoredField,
  fp32: ignoredField,
  onnx_safe: ignoredField,
  softmax_in_fp32: ignoredField,
  tokenizer_class: ignoredField,
  tokenizer_type: ignoredField,
  use_flash_attn: ignoredField,
  use_cache_quantization: ignoredField,
  use_cache_kernel: ignoredField,
});
