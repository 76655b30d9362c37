/** The model `4m` in the form of every decoder: the same sizes, and the fields that make the architecture what it is. */
import type { JsonObject } from '../../src/files/json-file.ts';

interface Architecture {
  readonly config: JsonObject;
  /** What `transformers` is given where it does not have the architecture: another one that computes the same. */
  readonly peer?: JsonObject;
}

/** Half of the rows that are measured, so that masks are those of windows. */
const window = { sliding_window: 128 };
const gelu = { hidden_act: 'gelu_pytorch_tanh', hidden_activation: 'gelu_pytorch_tanh' };
// Fractions, because transformers wants floating-point numbers and JSON.stringify writes 50 for 50.0.
const caps = { attn_logit_softcapping: 50.5, final_logit_softcapping: 30.5 };

/** By name, Llama first. @param llama the fields of its `config.json` */
export function architecturesOf({ architectures: _, ...sizes }: JsonObject): Readonly<Record<string, Architecture>> {
  const gemma = { ...sizes, ...window, ...gelu, head_dim: 32, query_pre_attn_scalar: 32 };
  // Two experts of half the width for each token: as many products as in the others.
  const experts = (count: number) => ({
    ...sizes,
    model_type: 'mixtral',
    intermediate_size: (sizes.intermediate_size as number) / 2,
    num_local_experts: count,
    num_experts_per_tok: 2,
  });
  return {
    llama: { config: sizes },
    gemma2: { config: { ...gemma, ...caps, model_type: 'gemma2' } },
    gemma3_text: { config: { ...gemma, model_type: 'gemma3_text', sliding_window_pattern: 2 } },
    gpt2: {
      config: {
        model_type: 'gpt2',
        n_embd: sizes.hidden_size,
        n_inner: 4 * (sizes.hidden_size as number),
        n_layer: sizes.num_hidden_layers,
        n_head: sizes.num_attention_heads,
        n_positions: sizes.max_position_embeddings,
        vocab_size: sizes.vocab_size,
        // Ours trains without.
        attn_pdrop: 0,
        embd_pdrop: 0,
        resid_pdrop: 0,
      },
    },
    mistral: { config: { ...sizes, ...window, model_type: 'mistral' } },
    mixtral: { config: experts(4) },
    'mixtral, 8 experts': { config: experts(8) },
    olmo2: { config: { ...sizes, model_type: 'olmo2' } },
    phi3: { config: { ...sizes, ...window, model_type: 'phi3', pad_token_id: 0 } },
    qwen: {
      config: {
        model_type: 'qwen',
        hidden_size: sizes.hidden_size,
        // Of both halves together.
        intermediate_size: 2 * (sizes.intermediate_size as number),
        num_hidden_layers: sizes.num_hidden_layers,
        num_attention_heads: sizes.num_attention_heads,
        kv_channels: 32,
        vocab_size: sizes.vocab_size,
        seq_length: sizes.max_position_embeddings,
      },
      peer: { ...sizes, model_type: 'qwen2', tie_word_embeddings: false },
    },
    qwen2: { config: { ...sizes, model_type: 'qwen2' } },
    qwen3: { config: { ...sizes, model_type: 'qwen3', head_dim: 32 } },
  };
}
