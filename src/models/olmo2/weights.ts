/** Parameters of OLMo 2: norms of query and key, and norms behind attention and feed-forward layer instead of before. */
import type { DecoderNames } from '../transformer/description.ts';
import { usualNames } from '../transformer/names.ts';

const { projections, output, feedForward, down } = usualNames.block;

export const names: DecoderNames = {
  ...usualNames,
  block: {
    projections,
    queryNorm: 'self_attn.q_norm',
    keyNorm: 'self_attn.k_norm',
    output,
    attentionOutputNorm: 'post_attention_layernorm',
    feedForward,
    down,
    feedForwardOutputNorm: 'post_feedforward_layernorm',
  },
};
