/** What a GGUF file says about a model of the Llama family, out of its `config.json`. */
import { UsageError } from '../../errors.ts';
import type { JsonObject } from '../../files/json-file.ts';
import { describeModel } from '../../models/registry.ts';
import type { DecoderDescription } from '../../models/transformer/description.ts';
import type { TypedValue } from './write.ts';

const written: readonly string[] = ['llama', 'qwen2'];

/** @throws UsageError for an architecture that is not written as GGUF */
export function settingsOf(config: JsonObject): DecoderDescription {
  const type = String(config.model_type);
  if (written.includes(type)) return describeModel(config);
  throw new UsageError({
    field: 'config.json.model_type',
    found: JSON.stringify(type),
    expected: `one of ${written.join(', ')} for a GGUF file`,
    fix: 'Export the model as a Hugging Face folder.',
  });
}

/** Metadata of the architecture. Factors of rotary angles are a tensor, see `rotaryFactors`. */
export function architectureMetadata(settings: DecoderDescription): Readonly<Record<string, TypedValue>> {
  const { modelType, sizes, norm, layerKinds } = settings;
  const { theta, scaling } = layerKinds[0].rope!;
  const u32 = (value: number): TypedValue => ({ type: 'u32', value });
  const f32 = (value: number): TypedValue => ({ type: 'f32', value });
  const fields: Readonly<Record<string, TypedValue>> = {
    vocab_size: u32(sizes.vocabulary),
    context_length: u32(sizes.positions),
    embedding_length: u32(sizes.hidden),
    block_count: u32(sizes.layers),
    feed_forward_length: u32(sizes.intermediate),
    'attention.head_count': u32(sizes.heads),
    'attention.head_count_kv': u32(sizes.keyValueHeads),
    'attention.key_length': u32(sizes.headSize),
    'attention.value_length': u32(sizes.headSize),
    'attention.layer_norm_rms_epsilon': f32(norm.epsilon),
    'rope.dimension_count': u32(sizes.headSize),
    'rope.freq_base': f32(theta),
    ...(scaling.type === 'linear' && {
      'rope.scaling.type': { type: 'string', value: 'linear' },
      'rope.scaling.factor': f32(scaling.factor),
    }),
  };
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [`${modelType}.${key}`, value]));
}
