/** A recipe whose tokenizer, data and model come from nothing but seeds, in seconds. */
import type { JsonObject } from '../../src/files/json-file.ts';

/**
 * @param cpt what its only stage does
 * @param changes fields in place of those of the recipe
 */
export const tinyRecipe = (cpt: JsonObject, changes: JsonObject = {}): JsonObject => ({
  name: 'tiny',
  engine: { threads: 1 },
  base: {
    init: {
      config: {
        model_type: 'llama',
        vocab_size: 400,
        hidden_size: 32,
        intermediate_size: 64,
        num_hidden_layers: 2,
        num_attention_heads: 4,
        num_key_value_heads: 2,
        max_position_embeddings: 64,
        tie_word_embeddings: true,
      },
      tokenizer: { train: { on: ['finance', 'general'], vocab_size: 400 } },
    },
  },
  data: {
    finance: { finworld: { world: 'finance', documents: 60, held_out_documents: 6 } },
    general: { finworld: { world: 'general', documents: 60, held_out_documents: 6 } },
  },
  evaluation: { bits_per_byte: { length: 64 } },
  stages: [{ cpt }],
  ...changes,
});
