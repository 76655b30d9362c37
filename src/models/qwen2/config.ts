/** `config.json` of Qwen2 and Qwen2.5. */
import { z } from 'zod';
import { decoderFields } from '../config.ts';
import { size } from '../config-numbers.ts';

export const schema = z.strictObject({
  ...decoderFields,
  model_type: z.literal('qwen2'),
  head_dim: size.nullish(),
  /** Windows are switched off in every released checkpoint; the two sizes then have no effect. */
  use_sliding_window: z.literal(false).optional(),
  sliding_window: z.int().nullish(),
  max_window_layers: z.int().optional(),
  layer_types: z.array(z.literal('full_attention')).optional(),
  use_mrope: z.literal(false).optional(),
});
