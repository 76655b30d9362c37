/** `config.json` of Mixtral. */
import { z } from 'zod';
import { decoderFields } from '../config.ts';
import { epsilon, rotaryBase, size } from '../config-numbers.ts';

export const schema = z
  .strictObject({
    ...decoderFields,
    model_type: z.literal('mixtral'),
    num_key_value_heads: size,
    head_dim: size.nullish(),
    rms_norm_eps: epsilon.default(1e-5),
    rope_theta: rotaryBase.default(1_000_000),
    sliding_window: size.nullish(),
    num_local_experts: z.int().positive().max(256).default(8),
    num_experts_per_tok: z.int().positive().default(2),
    /** Of a loss that keeps experts equally busy, which is added where the first is true. */
    output_router_logits: z.literal(false).optional(),
    router_aux_loss_coef: z.number().optional(),
    router_jitter_noise: z.literal(0).optional(),
  })
  .refine((config) => config.num_experts_per_tok <= config.num_local_experts, {
    message: 'at most num_local_experts',
    path: ['num_experts_per_tok'],
  });
