/** Parameters of BERT. Files of a model with a head have the family's name before each. */
import type { EncoderNames } from '../transformer/description.ts';

export const names: EncoderNames = {
  embedding: 'embeddings.word_embeddings.weight',
  positions: 'embeddings.position_embeddings.weight',
  tokenTypes: 'embeddings.token_type_embeddings.weight',
  embeddingNorm: 'embeddings.LayerNorm',
  layers: 'encoder.layer',
  block: {
    projections: ['attention.self.query', 'attention.self.key', 'attention.self.value'],
    output: 'attention.output.dense',
    attentionSumNorm: 'attention.output.LayerNorm',
    feedForward: ['intermediate.dense'],
    down: 'output.dense',
    feedForwardSumNorm: 'output.LayerNorm',
  },
};
