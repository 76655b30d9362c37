/** `config.json` of T5 and its descendants: T5 1.1, Flan-T5, ByT5. */
import { z } from 'zod';
import { checkpointFields, ignoredField, requireBelow } from '../config.ts';
import { epsilon, layerCount, positive, size, tokenId } from '../config-numbers.ts';

export const schema = z.strictObject({
  ...checkpointFields,
  model_type: z.literal('t5'),
  vocab_size: size,
  d_model: size,
  d_kv: size.default(64),
  d_ff: size,
  num_heads: size,
  num_layers: layerCount,
  num_decoder_layers: layerCount.nullish(),
  /** Half of them are for each direction in the encoder, and half of those for single distances. */
  relative_attention_num_buckets: z.int().min(4).max(4096).multipleOf(2).default(32),
  relative_attention_max_distance: size.default(128),
  layer_norm_epsilon: epsilon.default(1e-6),
  feed_forward_proj: z.enum(['relu', 'gated-gelu', 'gated-silu']).default('relu'),
  initializer_factor: positive.default(1),
  tie_word_embeddings: z.boolean().default(true),
  /** Written by transformers 5, which ties by what the tensors hold. Before, those that are tied were the scaled ones. */
  scale_decoder_outputs: z.boolean().optional(),
  decoder_start_token_id: tokenId.nullish(),
  is_encoder_decoder: z.literal(true).optional(),
  is_decoder: z.literal(false).optional(),
  /** Dropout belongs to the training that made the checkpoint; ours has none. */
  dropout_rate: ignoredField,
  classifier_dropout: ignoredField,
  /** Both follow from feed_forward_proj. */
  dense_act_fn: ignoredField,
  is_gated_act: ignoredField,
  /** Positions have no limit; a GGUF file repeats it. */
  n_positions: size.nullish(),
  /** A way to compute the same in less memory. */
  gradient_checkpointing: ignoredField,
  output_past: ignoredField,
  task_specific_params: ignoredField,
  tokenizer_class: ignoredField,
});

type Config = z.infer<typeof schema>;

/** The settings that names have nothing to do with. @throws UsageError for buckets that reach beyond the largest distance */
export function settings(config: Config) {
  const { relative_attention_num_buckets: buckets, relative_attention_max_distance: maxDistance } = config;
  requireBelow('relative_attention_num_buckets', buckets, 2 * maxDistance);
  const { tie_word_embeddings: tied, scale_decoder_outputs: scaled = tied } = config;
  const { num_layers: encoderLayers, num_decoder_layers: decoderLayers, eos_token_id: end } = config;
  return {
    modelType: config.model_type,
    sizes: {
      hidden: config.d_model,
      intermediate: config.d_ff,
      heads: config.num_heads,
      headSize: config.d_kv,
      encoderLayers,
      decoderLayers: decoderLayers ?? encoderLayers,
      vocabulary: config.vocab_size,
    },
    buckets,
    maxDistance,
    epsilon: config.layer_norm_epsilon,
    activation: ({ relu: 'relu', 'gated-gelu': 'gelu-tanh', 'gated-silu': 'silu' } as const)[config.feed_forward_proj],
    tied,
    headScale: scaled ? 1 / Math.sqrt(config.d_model) : 1,
    startId: startOf(config),
    endIds: end == null ? [1] : [end].flat(),
    initialScale: config.initializer_factor,
  };
}

/** @throws UsageError for a token that the vocabulary does not have */
function startOf({ decoder_start_token_id: start, pad_token_id: pad, vocab_size: vocabulary }: Config): number {
  const id = start ?? [pad ?? 0].flat()[0] ?? 0;
  requireBelow('decoder_start_token_id', id, vocabulary);
  return id;
}
