/**
 * RoBERTa (Liu et al. 2019) and XLM-RoBERTa (Conneau et al. 2020): BERT with its positions counted from behind the id of
 * padding, the row of which nothing reads. BGE-M3 and multilingual E5 are models of this architecture.
 */
import { type Architecture, defineArchitecture } from '../architecture.ts';
import { bertDescription } from '../bert/model.ts';
import { requireBelow } from '../config.ts';
import type { EncoderDescription } from '../transformer/description.ts';
import { schema } from './config.ts';
import { names } from './weights.ts';

const architecture = (className: string): Architecture<EncoderDescription> =>
  defineArchitecture({
    className,
    schema,
    describe(config) {
      const firstPosition = config.pad_token_id + 1;
      requireBelow('pad_token_id', config.pad_token_id, config.max_position_embeddings - 1);
      return { ...bertDescription(config, firstPosition), names };
    },
  });

export const roberta = architecture('RobertaModel');
export const xlmRoberta = architecture('XLMRobertaModel');
