/**
 * `config.json` of the encoder in a GGUF file. RoBERTa's lack the rows of positions that no text reads, and without these
 * it is BERT.
 */
import type { JsonObject } from '../../files/json-file.ts';
import { classNameOf } from '../../models/registry.ts';
import { roundFloat32 } from './config-readers.ts';
import { encoderArchitecture } from './encoder-form.ts';
import type { GgufTensor } from './header.ts';
import type { MetadataFields } from './metadata-fields.ts';
import { damaged, unsupported } from './refuse.ts';

/** @throws InputError for a value that is missing or not computed */
export function readEncoderConfig(fields: MetadataFields, tensors: ReadonlyMap<string, GgufTensor>): JsonObject {
  const of = (key: string): string => `${encoderArchitecture}.${key}`;
  const rowsOf = (tensor: string): number => {
    const shape = tensors.get(tensor)?.shape;
    if (shape) return shape[0];
    throw damaged(fields.path, `no tensor ${JSON.stringify(tensor)}`, 'the tables of an encoder');
  };
  if (fields.flag(of('attention.causal')) ?? false) {
    const fix = 'This model computes something that is not supported.';
    throw unsupported(`${fields.path}, ${of('attention.causal')}`, 'true', 'false', fix);
  }
  const modelType = 'bert';
  return {
    architectures: [classNameOf({ modelType })],
    model_type: modelType,
    hidden_size: fields.required(of('embedding_length')),
    intermediate_size: fields.required(of('feed_forward_length')),
    num_hidden_layers: fields.required(of('block_count')),
    num_attention_heads: fields.required(of('attention.head_count')),
    vocab_size: rowsOf('token_embd.weight'),
    max_position_embeddings: fields.required(of('context_length')),
    type_vocab_size: rowsOf('token_types.weight'),
    layer_norm_eps: roundFloat32(fields.number(of('attention.layer_norm_epsilon')) ?? 1e-12),
    hidden_act: fields.text(of('hidden_activation')) ?? 'gelu',
  };
}
