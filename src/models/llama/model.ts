/**
 * The Llama family (Touvron et al. 2023): blocks of pre-norm attention with rotary positions and a gated feed-forward
 * layer, each added to the residual stream. Biases take part where the checkpoint has them.
 */
import { defineArchitecture } from '../architecture.ts';
import { decoderSettings } from '../config.ts';
import { schema } from './config.ts';
import { names } from './weights.ts';

export const llama = defineArchitecture({
  className: 'LlamaForCausalLM',
  schema,
  describe(config) {
    const { attention_bias: attention, mlp_bias: feedForward } = config;
    return { ...decoderSettings(config), names, biases: { query: attention, output: attention, feedForward } };
  },
});
