/** `config.json` of Qwen3. */
import { z } from 'zod';
import { decoderFields } from '../config.ts';
import { size } from '../config-numbers.ts';

export const schema = z.strictObject({
  ...decoderFields,
  model_type: z.literal('qwen3'),
  attention_bias: z.boolean().default(false),
  /** In the released checkpoints the heads together are wider than the hidden states. */
  head_dim: size.default(128),
  /** Windows are switched off in every released checkpoint; the two sizes then have no effect. */
  use_sliding_window: z.literal(false).optional(),
  sliding_window: z.int().nullish(),
  max_window_layers: z.int().optional(),
  layer_types: z.array(z.literal('full_attention')).optional(),
});
