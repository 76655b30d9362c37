/** Parameters of GPT-2. Files from before its language model had a class of its own lack the first part of each name. */
import type { DecoderNames } from '../transformer/description.ts';

export const names: DecoderNames = {
  embedding: 'transformer.wte.weight',
  positions: 'transformer.wpe.weight',
  finalNorm: 'transformer.ln_f',
  head: 'lm_head.weight',
  layers: 'transformer.h',
  block: {
    attentionNorm: 'ln_1',
    projections: ['attn.c_attn'],
    output: 'attn.c_proj',
    feedForwardNorm: 'ln_2',
    feedForward: ['mlp.c_fc'],
    down: 'mlp.c_proj',
  },
};
