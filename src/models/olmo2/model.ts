/**
 * OLMo 2 (OLMo et al. 2024, section 2.1): what attention and the feed-forward layer add to the stream is normed, instead
 * of what they read, and queries and keys are normed over all heads together.
 */
import { defineArchitecture } from '../architecture.ts';
import { decoderSettings } from '../config.ts';
import { schema } from './config.ts';
import { names } from './weights.ts';

export const olmo2 = defineArchitecture({
  className: 'Olmo2ForCausalLM',
  schema,
  describe(config) {
    const { attention_bias: attention } = config;
    return {
      ...decoderSettings(config),
      names,
      queryNormOver: 'heads',
      biases: { query: attention, output: attention, feedForward: false },
    };
  },
});
