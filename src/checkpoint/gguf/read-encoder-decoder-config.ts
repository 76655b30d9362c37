/** `config.json` of the T5 in a GGUF file. */
import type { JsonObject } from '../../files/json-file.ts';
import { classNameOf } from '../../models/registry.ts';
import { roundFloat32 } from './config-readers.ts';
import { builtInDistance, encoderDecoderArchitecture } from './encoder-decoder-form.ts';
import type { GgufTensor } from './header.ts';
import type { MetadataFields } from './metadata-fields.ts';
import { damaged, unsupported } from './refuse.ts';

/** @throws InputError for a value that is missing or not computed */
export function readEncoderDecoderConfig(fields: MetadataFields, tensors: ReadonlyMap<string, GgufTensor>): JsonObject {
  const of = (key: string): string => `${encoderDecoderArchitecture}.${key}`;
  const embedding = tensors.get('token_embd.weight');
  if (!embedding) throw damaged(fields.path, 'no tensor "token_embd.weight"', 'the embedding of the model');
  const hidden = fields.required(of('embedding_length'));
  const heads = fields.required(of('attention.head_count'));
  const keys = fields.integer(of('attention.key_length')) ?? hidden / heads;
  const values = fields.integer(of('attention.value_length')) ?? keys;
  if (values !== keys)
    throw damaged(`${fields.path}, ${of('attention.value_length')}`, String(values), `${keys}, as keys have`);
  const [rms, other] = ['rms_', ''].map((kind) => fields.number(of(`attention.layer_norm_${kind}epsilon`)));
  const tied = !tensors.has('output.weight');
  const modelType = 't5';
  return {
    architectures: [classNameOf({ modelType })],
    model_type: modelType,
    is_encoder_decoder: true,
    d_model: hidden,
    d_kv: keys,
    d_ff: fields.required(of('feed_forward_length')),
    num_heads: heads,
    num_layers: fields.required(of('block_count')),
    num_decoder_layers: fields.integer(of('decoder_block_count')) ?? fields.required(of('block_count')),
    vocab_size: embedding.shape[0],
    n_positions: fields.integer(of('context_length')),
    relative_attention_num_buckets: fields.required(of('attention.relative_buckets_count')),
    relative_attention_max_distance: builtInDistance,
    layer_norm_epsilon: roundFloat32(rms ?? other ?? 1e-6),
    feed_forward_proj: tensors.has('enc.blk.0.ffn_gate.weight') ? 'gated-gelu' : 'relu',
    tie_word_embeddings: tied,
    // Other programs leave the scale before a tied head out, to which it makes no difference which token is likeliest.
    scale_decoder_outputs: tied && !hasHeadScale(fields, of('logit_scale')),
    decoder_start_token_id: fields.integer(of('decoder_start_token_id')) ?? 0,
  };
}

/** Whether the weights have what hidden states are multiplied with before the head. */
function hasHeadScale(fields: MetadataFields, key: string): boolean {
  const scale = fields.number(key);
  if (scale === undefined || scale === 1) return scale === 1;
  const fix = 'This model computes something that is not supported.';
  throw unsupported(`${fields.path}, ${key}`, String(scale), '1, or nothing', fix);
}
