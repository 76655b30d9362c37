/** `config.json` of the Llama family: Llama 2 and 3, SmolLM2, TinyLlama and others with `model_type` "llama". */
import { z } from 'zod';
import { decoderFields } from '../config.ts';
import { size } from '../config-numbers.ts';

export const schema = z.strictObject({
  ...decoderFields,
  model_type: z.literal('llama'),
  attention_bias: z.boolean().default(false),
  mlp_bias: z.boolean().default(false),
  head_dim: size.nullish(),
  /** A slicing of the products for parallel training, which leaves the result as it is only at 1. */
  pretraining_tp: z.literal(1).optional(),
  /** SmolLM2 carries these two; with these values they say nothing. */
  is_llama_config: z.boolean().optional(),
  rope_interleaved: z.literal(false).optional(),
});
