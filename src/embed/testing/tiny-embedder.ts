/** A new encoder of the BERT family, small enough to learn in a test. */
import { initEncoder } from '../../models/encoder-model.ts';
import { tokenizerOf } from '../../tokenizer/load.ts';
import { trainTokenizer } from '../../tokenizer/train/train.ts';
import { embeddingSettings } from '../embedder.ts';

export interface TinySizes {
  readonly hidden_size: number;
  readonly num_hidden_layers: number;
}

/** With a byte-level vocabulary of the texts, and weights of a seed. */
export async function tinyEmbedder(
  texts: Iterable<string>,
  { hidden_size, num_hidden_layers }: TinySizes = { hidden_size: 48, num_hidden_layers: 1 },
) {
  const tokenizer = tokenizerOf((await trainTokenizer(texts, { vocabSize: 900 })).files);
  const config = {
    model_type: 'bert',
    vocab_size: tokenizer.vocabSize,
    hidden_size,
    intermediate_size: 2 * hidden_size,
    num_hidden_layers,
    num_attention_heads: 4,
    max_position_embeddings: 192,
    type_vocab_size: 2,
    initializer_range: 0.05,
  };
  const model = initEncoder(config, { seed: 5, tokenizer });
  return { ...model, tokenizer, settings: embeddingSettings(model, undefined, { maxLength: 160 }) };
}
