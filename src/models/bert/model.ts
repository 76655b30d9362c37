/**
 * BERT (Devlin et al. 2019): tokens see each other in both directions, positions and token types are learnt, and the
 * stream is normed after each sum. MiniLM, BGE and E5 are models of this architecture.
 */
import type { z } from 'zod';
import { defineArchitecture } from '../architecture.ts';
import { wholeHeadSize } from '../config.ts';
import type { EncoderDescription } from '../transformer/description.ts';
import { type bertFields, schema } from './config.ts';
import { names } from './weights.ts';

type BertConfig = z.infer<z.ZodObject<typeof bertFields>> & { readonly model_type: string };

/** What BERT and RoBERTa share. @param firstPosition rows of the position table before that of a text's first token */
export function bertDescription(config: BertConfig, firstPosition: number): EncoderDescription {
  return {
    modelType: config.model_type,
    names,
    sizes: {
      hidden: config.hidden_size,
      intermediate: config.intermediate_size,
      layers: config.num_hidden_layers,
      heads: config.num_attention_heads,
      keyValueHeads: config.num_attention_heads,
      headSize: wholeHeadSize('hidden_size', config.hidden_size, config.num_attention_heads),
      vocabulary: config.vocab_size,
      positions: config.max_position_embeddings - firstPosition,
    },
    tokenTypes: config.type_vocab_size,
    firstPosition,
    deviation: config.initializer_range,
    norm: { kind: 'layer', epsilon: config.layer_norm_eps },
    biases: { query: true, output: true, feedForward: true },
    activation: config.hidden_act === 'gelu' ? 'gelu' : 'gelu-tanh',
    gated: false,
    layerKinds: [{ bidirectional: true }],
    carried: {
      'pooler.dense.weight': [config.hidden_size, config.hidden_size],
      'pooler.dense.bias': [config.hidden_size],
    },
    beside: /^(cls|lm_head|classifier|qa_outputs)\.|^embeddings\.(position_ids|token_type_ids)$/,
  };
}

export const bert = defineArchitecture({
  className: 'BertModel',
  schema,
  describe: (config) => bertDescription(config, 0),
});
