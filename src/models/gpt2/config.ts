/** `config.json` of GPT-2, whose fields have names of their own. */
import { z } from 'zod';
import { checkpointFields, ignoredField } from '../config.ts';
import { epsilon, layerCount, positive, size } from '../config-numbers.ts';

/** Dropout belongs to the training that made the checkpoint; ours has none. */
const dropout = z.number().min(0).max(1).optional();

export const schema = z.strictObject({
  ...checkpointFields,
  model_type: z.literal('gpt2'),
  n_embd: size,
  n_layer: layerCount,
  n_head: size,
  n_inner: size.nullish(),
  n_positions: size,
  n_ctx: size.optional(),
  vocab_size: size,
  layer_norm_epsilon: epsilon.default(1e-5),
  activation_function: z.enum(['gelu_new', 'gelu_pytorch_tanh', 'gelu']).default('gelu_new'),
  initializer_range: positive.default(0.02),
  tie_word_embeddings: z.boolean().default(true),
  scale_attn_weights: z.literal(true).optional(),
  scale_attn_by_inverse_layer_idx: z.literal(false).optional(),
  /** A matter of half precision. */
  reorder_and_upcast_attn: z.boolean().optional(),
  add_cross_attention: z.literal(false).optional(),
  attn_pdrop: dropout,
  embd_pdrop: dropout,
  resid_pdrop: dropout,
  /** Of a head that classifies. */
  summary_activation: ignoredField,
  summary_first_dropout: ignoredField,
  summary_proj_to_labels: ignoredField,
  summary_type: ignoredField,
  summary_use_proj: ignoredField,
  task_specific_params: ignoredField,
});
