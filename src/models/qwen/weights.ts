/** Parameters of the first Qwen: GPT-2's names around Llama's block. The gate is `w2`. */
import type { DecoderNames } from '../transformer/description.ts';

export const names: DecoderNames = {
  embedding: 'transformer.wte.weight',
  finalNorm: 'transformer.ln_f',
  head: 'lm_head.weight',
  layers: 'transformer.h',
  block: {
    attentionNorm: 'ln_1',
    projections: ['attn.c_attn'],
    output: 'attn.c_proj',
    feedForwardNorm: 'ln_2',
    feedForward: ['mlp.w2', 'mlp.w1'],
    down: 'mlp.c_proj',
  },
};
