/**
 * GPT-2 (Radford et al. 2019): layer norms with biases, learnt positions, a feed-forward layer without a gate, and linear
 * layers stored as [in, out].
 */
import { defineArchitecture } from '../architecture.ts';
import { evenHeadSize } from '../config.ts';
import { schema } from './config.ts';
import { names } from './weights.ts';

export const gpt2 = defineArchitecture({
  className: 'GPT2LMHeadModel',
  schema,
  describe: (config) => ({
    modelType: config.model_type,
    names,
    sizes: {
      hidden: config.n_embd,
      intermediate: config.n_inner ?? 4 * config.n_embd,
      layers: config.n_layer,
      heads: config.n_head,
      keyValueHeads: config.n_head,
      headSize: evenHeadSize('n_embd', config.n_embd, config.n_head),
      vocabulary: config.vocab_size,
      positions: config.n_positions,
    },
    tied: config.tie_word_embeddings,
    deviation: config.initializer_range,
    norm: { kind: 'layer', epsilon: config.layer_norm_epsilon },
    biases: { query: true, output: true, feedForward: true },
    activation: config.activation_function === 'gelu' ? 'gelu' : 'gelu-tanh',
    gated: false,
    layerKinds: [{}],
    storedTransposed: true,
  }),
});
