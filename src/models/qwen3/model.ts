/** Qwen3 (Yang et al. 2025): the Llama block with an RMS norm of each query and key head before it is rotated. */
import { defineArchitecture } from '../architecture.ts';
import { decoderSettings } from '../config.ts';
import { schema } from './config.ts';
import { names } from './weights.ts';

export const qwen3 = defineArchitecture({
  className: 'Qwen3ForCausalLM',
  schema,
  describe(config) {
    const { attention_bias: attention } = config;
    return {
      ...decoderSettings(config),
      names,
      biases: { query: attention, output: attention, feedForward: false },
    };
  },
});
