/** Qwen2 and Qwen2.5 (Yang et al. 2024): the Llama block with biases on query, key and value. */
import { defineArchitecture } from '../architecture.ts';
import { decoderSettings } from '../config.ts';
import { schema } from './config.ts';
import { names } from './weights.ts';

export const qwen2 = defineArchitecture({
  className: 'Qwen2ForCausalLM',
  schema,
  describe: (config) => ({
    ...decoderSettings(config),
    names,
    biases: { query: true, output: false, feedForward: false },
  }),
});
