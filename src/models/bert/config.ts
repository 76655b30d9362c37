/** `config.json` of BERT. */
import { z } from 'zod';
import { checkpointFields, ignoredField } from '../config.ts';
import { epsilon, layerCount, positive, size } from '../config-numbers.ts';

/** Dropout belongs to the training that made the checkpoint; ours has none. */
const dropout = z.number().min(0).max(1).nullish();

/** Those that RoBERTa has too. */
export const bertFields = {
  ...checkpointFields,
  vocab_size: size,
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: layerCount,
  num_attention_heads: size,
  max_position_embeddings: size,
  type_vocab_size: size.default(2),
  layer_norm_eps: epsilon.default(1e-12),
  hidden_act: z.enum(['gelu', 'gelu_new', 'gelu_pytorch_tanh']).default('gelu'),
  initializer_range: positive.default(0.02),
  position_embedding_type: z.literal('absolute').optional(),
  is_decoder: z.literal(false).optional(),
  add_cross_attention: z.literal(false).optional(),
  hidden_dropout_prob: dropout,
  attention_probs_dropout_prob: dropout,
  /** A way to compute the same in less memory. */
  chunk_size_feed_forward: ignoredField,
  gradient_checkpointing: ignoredField,
  /** Of heads. */
  classifier_dropout: ignoredField,
  directionality: ignoredField,
  id2label: ignoredField,
  label2id: ignoredField,
  output_past: ignoredField,
  pooler_fc_size: ignoredField,
  pooler_num_attention_heads: ignoredField,
  pooler_num_fc_layers: ignoredField,
  pooler_size_per_head: ignoredField,
  pooler_type: ignoredField,
  problem_type: ignoredField,
  tie_word_embeddings: ignoredField,
} as const;

export const schema = z.strictObject({ ...bertFields, model_type: z.literal('bert') });
