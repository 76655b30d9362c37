/** Parameters of Gemma 3: Gemma 2's, and norms of query and key. */
import { names as gemma2Names } from '../gemma2/weights.ts';
import type { DecoderNames } from '../transformer/description.ts';

export const names: DecoderNames = {
  ...gemma2Names,
  block: { ...gemma2Names.block, queryNorm: 'self_attn.q_norm', keyNorm: 'self_attn.k_norm' },
};
