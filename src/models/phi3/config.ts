/** `config.json` of Phi-3, Phi-3.5 and Phi-4, mini and not. */
import { z } from 'zod';
import { decoderFields, ignoredField } from '../config.ts';
import { epsilon, size } from '../config-numbers.ts';

export const schema = z.strictObject({
  ...decoderFields,
  model_type: z.literal('phi3'),
  head_dim: size.nullish(),
  rms_norm_eps: epsilon.default(1e-5),
  original_max_position_embeddings: size.default(4096),
  sliding_window: size.nullish(),
  attention_bias: z.literal(false).optional(),
  mlp_bias: z.literal(false).optional(),
  lm_head_bias: z.literal(false).optional(),
  resid_pdrop: z.literal(0).optional(),
  embd_pdrop: z.literal(0).optional(),
  /** Of attention kernels and their caches; at 1 they are plain attention. */
  full_attn_mod: z.literal(1).optional(),
  interpolate_factor: z.literal(1).optional(),
  /** Code of before the architecture was in transformers. */
  auto_map: ignoredField,
});
