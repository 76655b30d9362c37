/** The first Qwen (Bai et al. 2023): the Llama block with query, key and value in one layer that has a bias. */
import { defineArchitecture } from '../architecture.ts';
import { evenHeadSize } from '../config.ts';
import { schema } from './config.ts';
import { names } from './weights.ts';

export const qwen = defineArchitecture({
  className: 'QWenLMHeadModel',
  schema,
  describe(config) {
    const { hidden_size: hidden, num_attention_heads: heads, no_bias: hasNoBias } = config;
    const headSize = evenHeadSize('kv_channels', config.kv_channels * heads, heads);
    return {
      modelType: config.model_type,
      names,
      sizes: {
        hidden,
        intermediate: config.intermediate_size / 2,
        layers: config.num_hidden_layers,
        heads,
        keyValueHeads: heads,
        headSize,
        vocabulary: config.vocab_size,
        positions: config.seq_length,
      },
      tied: false,
      deviation: config.initializer_range,
      norm: { kind: 'rms', epsilon: config.layer_norm_epsilon },
      biases: { query: true, output: !hasNoBias, feedForward: !hasNoBias },
      activation: 'silu',
      layerKinds: [{ rope: { width: headSize, theta: config.rotary_emb_base, scaling: { type: 'default' } } }],
    };
  },
});
