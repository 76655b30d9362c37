/**
 * Writes a small model of every architecture, all parameters random, with a small byte-level tokenizer, for comparisons
 * with other programs: `gguf-parity.ts` with llama.cpp, `exported-answers.ts` with all.
 *
 *   node --import tsx scripts/random-models.ts OUT
 *   for model in OUT/*; do node --import tsx scripts/gguf-parity.ts LLAMA $model; done
 *
 * Logits of random models lie close together: where the best token disagrees in a place or two, the difference of logits
 * says whether it matters.
 */
import { join } from 'node:path';
import { smallConfig, smallTokenizer } from '../src/checkpoint/gguf/testing/written-model.ts';
import type { JsonObject } from '../src/files/json-file.ts';
import { initModel, saveModel } from '../src/models/model.ts';
import { stream } from '../src/random/stream.ts';

const [out] = process.argv.slice(2);
if (out === undefined) throw new Error('usage: random-models.ts OUT');

const tokenizer = smallTokenizer();
const base: JsonObject = { ...smallConfig, vocab_size: tokenizer.vocabSize, max_position_embeddings: 256 };
const { architectures: _, ...usual } = base;
const gemma = {
  ...usual,
  head_dim: 32,
  query_pre_attn_scalar: 32,
  sliding_window: 24,
  tie_word_embeddings: true,
};

const configs: Readonly<Record<string, JsonObject>> = {
  llama: { ...usual, model_type: 'llama' },
  mistral: { ...usual, model_type: 'mistral', sliding_window: null },
  mixtral: { ...usual, model_type: 'mixtral', num_local_experts: 4, num_experts_per_tok: 2 },
  qwen2: { ...usual, model_type: 'qwen2' },
  qwen3: { ...usual, model_type: 'qwen3', head_dim: 32 },
  olmo2: { ...usual, model_type: 'olmo2' },
  // Without the field, transformers takes 32,000, which this vocabulary does not have.
  phi3: {
    ...usual,
    model_type: 'phi3',
    pad_token_id: null,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    partial_rotary_factor: 0.5,
  },
  gemma2: { ...gemma, model_type: 'gemma2', attn_logit_softcapping: 3, final_logit_softcapping: 6 },
  gemma3: {
    ...gemma,
    model_type: 'gemma3_text',
    num_hidden_layers: 7,
    rope_theta: 1000,
    rope_scaling: { rope_type: 'linear', factor: 4 },
  },
  gpt2: {
    model_type: 'gpt2',
    n_embd: 64,
    n_inner: 96,
    n_layer: 2,
    n_head: 4,
    n_positions: 256,
    vocab_size: tokenizer.vocabSize,
  },
  qwen: {
    model_type: 'qwen',
    hidden_size: 64,
    intermediate_size: 192,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    kv_channels: 16,
    vocab_size: tokenizer.vocabSize,
    seq_length: 256,
  },
};

/** Deviation at which attention is selective and logits spread. */
function deviationOf(name: string, shape: readonly number[]): number {
  if (shape.length === 1 || name.includes('wpe')) return 0.3;
  return /embed|wte|lm_head/.test(name) ? 0.25 : 1.4 / Math.sqrt(shape[1]);
}

for (const [name, config] of Object.entries(configs)) {
  const model = initModel(config, { seed: 1, purpose: 'inference', tokenizer });
  for (const { name: parameter, shape, initialization } of model.decoder.parameters) {
    const { weight } = model.parameters.get(parameter)!;
    const middle = 'constant' in initialization ? initialization.constant : 0;
    const [random, deviation] = [stream(2, parameter), deviationOf(parameter, shape)];
    for (let i = 0; i < weight.length; i++) weight[i] = middle + deviation * random.normal();
  }
  await saveModel(join(out, name), model, { dtype: 'f32' });
}
