/** `config.json` of each architecture, out of the metadata of a GGUF file. */
import type { JsonObject } from '../../files/json-file.ts';
import { classNameOf } from '../../models/registry.ts';
import type { MetadataFields } from './metadata-fields.ts';
import { damaged, unsupported } from './refuse.ts';

/** What is known before an architecture reads its own keys. */
interface Reading {
  readonly modelType: string;
  readonly fields: MetadataFields;
  /** The key of this architecture. */
  of(key: string): string;
  readonly hidden: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  readonly rotated: number;
  readonly vocabulary: number;
  /** Whether the file has a tensor. */
  has(tensor: string): boolean;
}

/** As in the configuration of Mixtral. */
const mostExperts = 256;

type ConfigReader = (reading: Reading) => JsonObject;

/** Fields under the names that Llama gave them. */
function usualConfig(reading: Reading): JsonObject {
  const { modelType, fields, of, hidden, heads, keyValueHeads, headSize, vocabulary } = reading;
  return {
    architectures: [classNameOf({ modelType })],
    model_type: modelType,
    hidden_size: hidden,
    intermediate_size: fields.required(of('feed_forward_length')),
    num_hidden_layers: fields.required(of('block_count')),
    num_attention_heads: heads,
    num_key_value_heads: keyValueHeads,
    ...(headSize !== hidden / heads && { head_dim: headSize }),
    vocab_size: vocabulary,
    max_position_embeddings: fields.required(of('context_length')),
    hidden_act: 'silu',
    rms_norm_eps: roundFloat32(fields.number(of('attention.layer_norm_rms_epsilon')) ?? 1e-5),
    rope_theta: roundFloat32(fields.number(of('rope.freq_base')) ?? 10_000),
    ...linearScaling(reading),
    tie_word_embeddings: !reading.has('output.weight'),
  };
}

const hasQueryBias = ({ has }: Reading) => ({ attention_bias: has('blk.0.attn_q.bias') });

/** Mixtral is a Llama with experts there; undefined for one without. */
function expertConfig(reading: Reading): JsonObject | undefined {
  const { fields, of } = reading;
  const experts = fields.integer(of('expert_count')) ?? 0;
  const perToken = fields.integer(of('expert_used_count')) ?? 0;
  if (experts === 0) return undefined;
  if (perToken < 1 || perToken > experts || experts > mostExperts) {
    const found = `${experts}, of which a token is sent to ${perToken}`;
    throw damaged(
      `${fields.path}, ${of('expert_count')}`,
      found,
      `1 to ${mostExperts}, at least as many as a token is sent to`,
    );
  }
  return {
    ...usualConfig({ ...reading, modelType: 'mixtral' }),
    num_local_experts: experts,
    num_experts_per_tok: perToken,
  };
}

const window = ({ fields, of }: Reading): number | undefined => fields.integer(of('attention.sliding_window'));

function gemmaConfig(reading: Reading): JsonObject {
  const { hidden_act: activation, ...config } = usualConfig(reading);
  const { headSize } = reading;
  return {
    ...config,
    ...hasQueryBias(reading),
    head_dim: headSize,
    hidden_activation: 'gelu_pytorch_tanh',
    query_pre_attn_scalar: headSize,
    sliding_window: window(reading) ?? 4096,
  };
}

const cap = ({ fields, of }: Reading, key: string): number | null => {
  const value = fields.number(of(key));
  return value === undefined ? null : roundFloat32(value);
};

export const configReaders: Readonly<Record<string, ConfigReader>> = {
  llama: (reading) =>
    expertConfig(reading) ?? {
      ...usualConfig(reading),
      ...hasQueryBias(reading),
      mlp_bias: reading.has('blk.0.ffn_up.bias'),
    },
  qwen2: usualConfig,
  qwen3: (reading) => ({ ...usualConfig(reading), ...hasQueryBias(reading), head_dim: reading.headSize }),
  olmo2: (reading) => ({ ...usualConfig(reading), ...hasQueryBias(reading) }),
  phi3(reading) {
    const { fields, of, headSize, rotated } = reading;
    const original = fields.integer(of('rope.scaling.original_context_length'));
    return {
      ...usualConfig(reading),
      sliding_window: window(reading) ?? null,
      ...(rotated !== headSize && { partial_rotary_factor: rotated / headSize }),
      ...(original !== undefined && { original_max_position_embeddings: original }),
    };
  },
  gemma2: (reading) => ({
    ...gemmaConfig(reading),
    attn_logit_softcapping: cap(reading, 'attn_logit_softcapping'),
    final_logit_softcapping: cap(reading, 'final_logit_softcapping'),
  }),
  gemma3(reading) {
    const { fields, of } = reading;
    return {
      ...gemmaConfig(reading),
      rope_local_base_freq: roundFloat32(fields.number(of('rope.freq_base_swa')) ?? 10_000),
      final_logit_softcapping: cap(reading, 'final_logit_softcapping'),
    };
  },
  gpt2({ modelType, fields, of, hidden, heads, vocabulary, has }) {
    return {
      architectures: [classNameOf({ modelType })],
      model_type: modelType,
      n_embd: hidden,
      n_inner: fields.required(of('feed_forward_length')),
      n_layer: fields.required(of('block_count')),
      n_head: heads,
      n_positions: fields.required(of('context_length')),
      vocab_size: vocabulary,
      activation_function: 'gelu_new',
      layer_norm_epsilon: roundFloat32(fields.number(of('attention.layer_norm_epsilon')) ?? 1e-5),
      tie_word_embeddings: !has('output.weight'),
    };
  },
  qwen({ modelType, fields, of, hidden, heads, headSize, vocabulary }) {
    return {
      architectures: [classNameOf({ modelType })],
      model_type: modelType,
      hidden_size: hidden,
      intermediate_size: fields.required(of('feed_forward_length')),
      num_hidden_layers: fields.required(of('block_count')),
      num_attention_heads: heads,
      kv_channels: headSize,
      vocab_size: vocabulary,
      seq_length: fields.required(of('context_length')),
      layer_norm_epsilon: roundFloat32(fields.number(of('attention.layer_norm_rms_epsilon')) ?? 1e-6),
      rotary_emb_base: roundFloat32(fields.number(of('rope.freq_base')) ?? 10_000),
      no_bias: true,
      tie_word_embeddings: false,
    };
  },
};

function linearScaling({ fields, of }: Reading): JsonObject {
  const factor = fields.number(of('rope.scaling.factor')) ?? fields.number(of('rope.scale_linear')) ?? 1;
  // Files from before there were types have a factor only.
  const type = fields.text(of('rope.scaling.type')) ?? (factor === 1 ? 'none' : 'linear');
  if (type === 'none') return {};
  if (type === 'linear') return { rope_scaling: { rope_type: 'linear', factor: roundFloat32(factor) } };
  const expected = '"none" or "linear"';
  const fix = 'This scaling of rotary positions is not supported; the model would compute something else.';
  throw unsupported(`${fields.path}, ${of('rope.scaling.type')}`, JSON.stringify(type), expected, fix);
}

/** The shortest decimal number that has this float32: 1e-5 rather than 9.999999747378752e-6. */
export function roundFloat32(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === Math.fround(value)) return short;
  }
  return value;
}
