/** What a GGUF file says about a model, out of its `config.json`. */
import { UsageError } from '../../errors.ts';
import type { JsonObject } from '../../files/json-file.ts';
import type { Rope } from '../../models/layers/rope.ts';
import { describeModel } from '../../models/registry.ts';
import type { DecoderDescription } from '../../models/transformer/description.ts';
import { ggufArchitectures } from './architectures.ts';
import type { TypedValue } from './write.ts';

export interface GgufSettings {
  /** `general.architecture` */
  readonly architecture: string;
  readonly description: DecoderDescription;
}

/** @throws UsageError for an architecture, or a setting of it, that GGUF has no form for */
export function settingsOf(config: JsonObject): GgufSettings {
  const type = String(config.model_type);
  const [architecture] =
    Object.entries(ggufArchitectures).find(([, { modelTypes }]) => modelTypes.includes(type)) ?? [];
  if (architecture === undefined) {
    const known = Object.values(ggufArchitectures).flatMap(({ modelTypes }) => modelTypes);
    throw refuse('model_type', JSON.stringify(type), `one of ${known.join(', ')} for a GGUF file`);
  }
  const description = describeModel(config);
  requireForm(architecture, description);
  return { architecture, description };
}

const refuse = (field: string, found: string, expected: string) =>
  new UsageError({
    field: `config.json.${field}`,
    found,
    expected,
    fix: 'Export the model as a Hugging Face folder.',
  });

/** What llama.cpp has built in must be what the configuration says. */
function requireForm(architecture: string, description: DecoderDescription): void {
  const { sizes, layerKinds, kindOfLayer, attentionScale } = description;
  const scalings: readonly string[] = [
    'default',
    'linear',
    ...(architecture === 'llama' ? ['llama3'] : []),
    ...(architecture === 'phi3' ? ['longrope'] : []),
  ];
  const rope = layerKinds[0].rope;
  if (rope && !scalings.includes(rope.scaling.type)) {
    throw refuse('rope_scaling', `type "${rope.scaling.type}"`, `one of ${scalings.join(', ')} for a GGUF file`);
  }
  if (rope && rope.width !== sizes.headSize && architecture !== 'phi3') {
    throw refuse('partial_rotary_factor', `${rope.width} of ${sizes.headSize} channels`, 'all of them for a GGUF file');
  }
  const usual = 1 / Math.sqrt(sizes.headSize);
  if (attentionScale !== undefined && Math.abs(attentionScale / usual - 1) > 1e-6) {
    const found = String(Math.round(attentionScale ** -2));
    throw refuse('query_pre_attn_scalar', found, `the ${sizes.headSize} channels of a head for a GGUF file`);
  }
  const { layersPerFull, queriesAsWideAsHidden } = ggufArchitectures[architecture];
  const queries = sizes.heads * sizes.headSize;
  if (queriesAsWideAsHidden && queries !== sizes.hidden) {
    throw refuse('num_attention_heads', `queries of ${queries}`, `${sizes.hidden}, the hidden size, for a GGUF file`);
  }
  const isFull = (layer: number) => (layer + 1) % layersPerFull! === 0;
  const odd = (kindOfLayer ?? []).findIndex((kind, layer) => (kind === 0) !== isFull(layer));
  if (layersPerFull !== undefined && odd >= 0) {
    const expected = `a window in all but each layer ${layersPerFull} for a GGUF file`;
    throw refuse(`layer_types.${odd}`, kindOfLayer![odd] === 0 ? 'no window' : 'a window', expected);
  }
}

/** What llama.cpp will compute otherwise than the model. */
export function missingParts({ architecture, description }: GgufSettings): readonly string[] {
  const { sizes, layerKinds } = description;
  const window = layerKinds[0].window;
  if (layerKinds.length > 1 || window === undefined || window >= sizes.positions) return [];
  return [`llama.cpp has no windows for ${architecture}: texts beyond ${window} tokens are read differently there`];
}

const u32 = (value: number): TypedValue => ({ type: 'u32', value });
const f32 = (value: number): TypedValue => ({ type: 'f32', value });

/** Metadata of the architecture. Factors of rotary angles are tensors, see `rotaryFactors`. */
export function architectureMetadata({
  architecture,
  description,
}: GgufSettings): Readonly<Record<string, TypedValue>> {
  const { sizes, norm, layerKinds, attentionCap, logitCap } = description;
  const fields: Readonly<Record<string, TypedValue>> = {
    vocab_size: u32(sizes.vocabulary),
    context_length: u32(sizes.positions),
    embedding_length: u32(sizes.hidden),
    block_count: u32(sizes.layers),
    // The first Qwen counts both halves.
    feed_forward_length: u32(architecture === 'qwen' ? 2 * sizes.intermediate : sizes.intermediate),
    'attention.head_count': u32(sizes.heads),
    'attention.head_count_kv': u32(sizes.keyValueHeads),
    'attention.key_length': u32(sizes.headSize),
    'attention.value_length': u32(sizes.headSize),
    [norm.kind === 'layer' ? 'attention.layer_norm_epsilon' : 'attention.layer_norm_rms_epsilon']: f32(norm.epsilon),
    ...(layerKinds[0].rope && ropeMetadata(layerKinds[0].rope)),
    ...windowMetadata(architecture, description),
    ...(attentionCap !== undefined && { attn_logit_softcapping: f32(attentionCap) }),
    ...(logitCap !== undefined && { final_logit_softcapping: f32(logitCap) }),
  };
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [`${architecture}.${key}`, value]));
}

function ropeMetadata({ width, theta, scaling }: Rope): Record<string, TypedValue> {
  return {
    'rope.dimension_count': u32(width),
    'rope.freq_base': f32(theta),
    ...(scaling.type === 'linear' && {
      'rope.scaling.type': { type: 'string', value: 'linear' },
      'rope.scaling.factor': f32(scaling.factor),
    }),
    ...(scaling.type === 'longrope' && {
      'rope.scaling.original_context_length': u32(scaling.originalPositions),
      'rope.scaling.attn_factor': f32(scaling.magnitude),
    }),
  };
}

/** A window that the format has a key for. */
function windowMetadata(architecture: string, { layerKinds }: DecoderDescription): Record<string, TypedValue> {
  const { window, rope } = layerKinds.at(-1)!;
  if (window === undefined || architecture === 'llama') return {};
  return {
    'attention.sliding_window': u32(window),
    ...(layerKinds.length > 1 &&
      rope &&
      rope.theta !== layerKinds[0].rope?.theta && {
        'rope.freq_base_swa': f32(rope.theta),
      }),
  };
}
