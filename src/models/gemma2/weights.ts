/** Parameters of Gemma 2: norms on both sides of attention and of the feed-forward layer. */
import type { DecoderNames } from '../transformer/description.ts';
import { usualNames } from '../transformer/names.ts';

export const names: DecoderNames = {
  ...usualNames,
  block: {
    ...usualNames.block,
    attentionOutputNorm: 'post_attention_layernorm',
    feedForwardNorm: 'pre_feedforward_layernorm',
    feedForwardOutputNorm: 'post_feedforward_layernorm',
  },
};
