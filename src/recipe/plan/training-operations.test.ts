import { expect, it } from 'vitest';
import { createDecoder } from '../../models/registry.ts';
import { passOperations } from './training-operations.ts';

const sizes = {
  vocab_size: 11,
  hidden_size: 8,
  num_hidden_layers: 3,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  max_position_embeddings: 16,
};
const shape = { rows: 2, length: 5 };

it('counts experts that a token is not sent to for nothing, and the router', () => {
  const experts = { num_local_experts: 4, num_experts_per_tok: 2 };
  const sparse = createDecoder({ ...sizes, ...experts, model_type: 'mixtral', intermediate_size: 6 });
  const dense = createDecoder({ ...sizes, model_type: 'llama', intermediate_size: 12 });
  const router = 6 * 2 * 5 * 3 * (4 * 8);
  expect(passOperations(sparse, shape)).toBe(passOperations(dense, shape) + router);
});
