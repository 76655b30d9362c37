/** Parameters of Qwen3: Llama's, and norms of query and key. */
import type { DecoderNames } from '../transformer/description.ts';
import { usualNames } from '../transformer/names.ts';

export const names: DecoderNames = {
  ...usualNames,
  block: { ...usualNames.block, queryNorm: 'self_attn.q_norm', keyNorm: 'self_attn.k_norm' },
};
