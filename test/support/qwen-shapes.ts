import type { JsonObject } from '../../src/files/json-file.ts';

/** The shapes of Qwen2.5-0.5B, for plans: nothing of it is allocated. */
export const qwenShapes: JsonObject = {
  model_type: 'qwen2',
  vocab_size: 151_936,
  hidden_size: 896,
  intermediate_size: 4864,
  num_hidden_layers: 24,
  num_attention_heads: 14,
  num_key_value_heads: 2,
  max_position_embeddings: 32_768,
  rope_theta: 1e6,
  tie_word_embeddings: true,
};
