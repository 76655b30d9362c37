/** `config.json` of the model in a GGUF file, from its metadata and the shapes of its tensors. */
import type { JsonObject } from '../../files/json-file.ts';
import type { GgufTensor } from './header.ts';
import type { MetadataFields } from './metadata-fields.ts';
import { damaged, unsupported } from './refuse.ts';

/** Architectures that are read, by `general.architecture`. */
const classNames: Readonly<Record<string, string>> = { llama: 'LlamaForCausalLM', qwen2: 'Qwen2ForCausalLM' };

/** Keys of an architecture that say nothing that the tensors or other keys do not say. */
const silentKeys = ['vocab_size', 'attention.value_length', 'tensor_data_layout'];

export interface ReadConfig {
  readonly config: JsonObject;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
  /** Rows of query and key are in pairs, see `rotary-rows.ts`. */
  readonly hasPairs: boolean;
}

/** @throws InputError for an architecture that is not supported, or a key that changes the maths in an unknown way */
export function readConfig(fields: MetadataFields, tensors: ReadonlyMap<string, GgufTensor>): ReadConfig {
  const { path } = fields;
  requireWhole(fields);
  const architecture = fields.text('general.architecture') ?? '';
  const className = Object.hasOwn(classNames, architecture) ? classNames[architecture] : undefined;
  if (className === undefined) {
    const expected = `one of ${Object.keys(classNames).join(', ')}`;
    const fix = 'Choose a model of a supported architecture.';
    throw unsupported(`${path}, general.architecture`, JSON.stringify(architecture), expected, fix);
  }
  const of = (key: string): string => `${architecture}.${key}`;
  const hidden = fields.required(of('embedding_length'));
  const heads = fields.required(of('attention.head_count'));
  const keyValueHeads = fields.integer(of('attention.head_count_kv')) ?? heads;
  const headSize = fields.integer(of('attention.key_length')) ?? hidden / heads;
  requireSizes(fields, { hidden, heads, keyValueHeads, headSize }, of);
  const embedding = tensors.get('token_embd.weight');
  if (!embedding) throw damaged(path, 'no tensor "token_embd.weight"', 'the embedding of the model');
  const theta = fields.number(of('rope.freq_base')) ?? 10_000;
  const positions = fields.required(of('context_length'));
  const config = {
    architectures: [className],
    model_type: architecture,
    hidden_size: hidden,
    intermediate_size: fields.required(of('feed_forward_length')),
    num_hidden_layers: fields.required(of('block_count')),
    num_attention_heads: heads,
    num_key_value_heads: keyValueHeads,
    ...(headSize !== hidden / heads && { head_dim: headSize }),
    vocab_size: embedding.shape[0],
    max_position_embeddings: positions,
    hidden_act: 'silu',
    rms_norm_eps: roundFloat32(fields.number(of('attention.layer_norm_rms_epsilon')) ?? 1e-5),
    rope_theta: roundFloat32(theta),
    ...linearScaling(fields, of),
    tie_word_embeddings: !tensors.has('output.weight'),
    ...(architecture === 'llama' && {
      attention_bias: tensors.has('blk.0.attn_q.bias'),
      mlp_bias: tensors.has('blk.0.ffn_up.bias'),
    }),
  };
  const [unknown] = fields.unread(of('')).filter((key) => !silentKeys.includes(key.slice(architecture.length + 1)));
  if (unknown !== undefined) {
    const fix = 'This model computes something that is not supported.';
    throw unsupported(path, `the key ${JSON.stringify(unknown)}`, 'keys whose effect on the computation is known', fix);
  }
  return { config, heads, keyValueHeads, headSize, hasPairs: architecture === 'llama' };
}

function requireWhole(fields: MetadataFields): void {
  const parts = fields.integer('split.count') ?? 1;
  if (parts <= 1) return;
  const fix = 'Join the parts with llama-gguf-split --merge.';
  throw unsupported(`${fields.path}, split.count`, `one of ${parts} parts`, 'the whole model in one file', fix);
}

interface Sizes {
  readonly hidden: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
}

function requireSizes(
  fields: MetadataFields,
  { hidden, heads, keyValueHeads, headSize }: Sizes,
  of: (key: string) => string,
): void {
  const refuse = (key: string, found: number, expected: string) =>
    damaged(`${fields.path}, ${of(key)}`, String(found), expected);
  if (heads === 0 || !Number.isInteger(headSize / 2)) {
    throw refuse('attention.head_count', heads, `heads that divide ${hidden} into even parts`);
  }
  if (keyValueHeads === 0 || heads % keyValueHeads !== 0) {
    throw refuse('attention.head_count_kv', keyValueHeads, `a divisor of ${heads} heads`);
  }
  const rotated = fields.integer(of('rope.dimension_count')) ?? headSize;
  if (rotated !== headSize) throw refuse('rope.dimension_count', rotated, `all ${headSize} of a head`);
  const values = fields.integer(of('attention.value_length')) ?? headSize;
  if (values !== headSize) throw refuse('attention.value_length', values, `${headSize}, as keys have`);
}

function linearScaling(fields: MetadataFields, of: (key: string) => string): JsonObject {
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
function roundFloat32(value: number): number {
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === Math.fround(value)) return short;
  }
  return value;
}
