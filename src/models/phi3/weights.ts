/** Parameters of Phi-3: query, key and value in one matrix, gate and up in another. */
import type { DecoderNames } from '../transformer/description.ts';
import { usualNames } from '../transformer/names.ts';

export const names: DecoderNames = {
  ...usualNames,
  block: { ...usualNames.block, projections: ['self_attn.qkv_proj'], feedForward: ['mlp.gate_up_proj'] },
};
