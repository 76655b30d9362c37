/** `config.json` of OLMo 2. */
import { z } from 'zod';
import { decoderFields } from '../config.ts';
import { epsilon } from '../config-numbers.ts';

export const schema = z.strictObject({
  ...decoderFields,
  model_type: z.literal('olmo2'),
  attention_bias: z.boolean().default(false),
  rms_norm_eps: epsilon.default(1e-5),
});
