/** `config.json` of OLMo 2. */
import { z } from 'zod';
import { decoderFields } from '../config.ts';

export const schema = z.strictObject({
  ...decoderFields,
  model_type: z.literal('olmo2'),
  attention_bias: z.boolean().default(false),
  rms_norm_eps: z.number().positive().default(1e-5),
});
