/** T5 as a GGUF file has it. */
import type { JsonObject } from '../../files/json-file.ts';
import type { EncoderDecoderDescription } from '../../models/encoder-decoder/description.ts';
import { describeEncoderDecoder } from '../../models/registry.ts';
import { f32, type GgufForm, noForm, prefixed, type TensorConversion, u32 } from './form.ts';
import { encoderDecoderTensorNames } from './tensor-names.ts';

export const encoderDecoderArchitecture = 't5';

/** From this distance on llama.cpp has one bucket for all positions; it reads none from the file. */
export const builtInDistance = 128;

/** Positions have no limit; this is what programs make room for where a configuration says nothing. */
const usualPositions = 512;

/** @throws UsageError for a setting that llama.cpp has another value of built in */
export function encoderDecoderForm(config: JsonObject): GgufForm {
  const description = describeEncoderDecoder(config);
  requireForm(description);
  const { sizes, buckets, epsilon, headScale, startId } = description;
  const { n_positions: positions } = config;
  const fields = {
    vocab_size: u32(sizes.vocabulary),
    context_length: u32(typeof positions === 'number' ? positions : usualPositions),
    embedding_length: u32(sizes.hidden),
    feed_forward_length: u32(sizes.intermediate),
    block_count: u32(sizes.encoderLayers),
    decoder_block_count: u32(sizes.decoderLayers),
    'attention.head_count': u32(sizes.heads),
    'attention.key_length': u32(sizes.headSize),
    'attention.value_length': u32(sizes.headSize),
    'attention.layer_norm_epsilon': f32(epsilon),
    'attention.layer_norm_rms_epsilon': f32(epsilon),
    'attention.relative_buckets_count': u32(buckets),
    decoder_start_token_id: u32(startId),
    // Says that what hidden states are multiplied with before the head is in the weights of the last norm already.
    ...(headScale !== 1 && { logit_scale: f32(1) }),
  };
  return {
    architecture: encoderDecoderArchitecture,
    metadata: prefixed(encoderDecoderArchitecture, fields),
    names: encoderDecoderTensorNames(description),
    vocabulary: sizes.vocabulary,
    tied: description.tied,
    layersAround: (name) => (name.startsWith('enc.') ? sizes.encoderLayers : sizes.decoderLayers),
    conversionOf: (_, name, shape) => withHeadScale(description, name, shape),
    added: [],
    notes: [],
  };
}

function requireForm({ maxDistance, activation, names }: EncoderDecoderDescription): void {
  if (maxDistance !== builtInDistance) {
    throw noForm(
      'relative_attention_max_distance',
      String(maxDistance),
      `${builtInDistance}, which llama.cpp has built in,`,
    );
  }
  const isGated = names.encoder.feedForward.length === 2;
  if (isGated && activation !== 'gelu-tanh') {
    throw noForm('feed_forward_proj', `gated-${activation}`, 'gated-gelu or relu, which llama.cpp computes,');
  }
}

/** llama.cpp multiplies hidden states with nothing before the head, so the norm before it does. */
function withHeadScale(
  { names, headScale }: EncoderDecoderDescription,
  name: string,
  shape: readonly number[],
): TensorConversion | undefined {
  if (headScale === 1 || name !== `${names.decoder.finalNorm}.weight`) return undefined;
  return { shape, convert: (values) => values.map((value) => value * headScale) };
}
