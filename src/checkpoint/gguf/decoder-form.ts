/** A decoder as a GGUF file has it. */
import type { JsonObject } from '../../files/json-file.ts';
import type { Rope } from '../../models/layers/rope.ts';
import { describeModel } from '../../models/registry.ts';
import type { DecoderDescription } from '../../models/transformer/description.ts';
import { ggufArchitectures, hasOneAdded } from './architectures.ts';
import { f32, type GgufForm, noForm, prefixed, type TensorConversion, text, u32 } from './form.ts';
import { type Pooling, poolingMetadata } from './pooling-types.ts';
import { factorTensors } from './rotary-factors.ts';
import { halvesToPairs } from './rotary-rows.ts';
import { decoderTensorNames, rotaryRows } from './tensor-names.ts';
import type { TypedValue } from './write.ts';

/**
 * @param pooling of a decoder that makes vectors of texts
 * @throws UsageError for an architecture, or a setting of it, that GGUF has no form for
 */
export function decoderForm(config: JsonObject, pooling?: Pooling): GgufForm {
  const type = String(config.model_type);
  const [architecture] =
    Object.entries(ggufArchitectures).find(([, { modelTypes }]) => modelTypes.includes(type)) ?? [];
  if (architecture === undefined) {
    const known = Object.values(ggufArchitectures).flatMap(({ modelTypes }) => modelTypes);
    throw noForm('model_type', JSON.stringify(type), `one of ${known.join(', ')}`);
  }
  const description = describeModel(config);
  requireForm(architecture, description);
  const { sizes, tied, layerKinds } = description;
  const { rope } = layerKinds[0];
  return {
    architecture,
    metadata: prefixed(architecture, {
      ...architectureMetadata(architecture, description),
      ...poolingMetadata(pooling),
    }),
    names: decoderTensorNames(description),
    vocabulary: sizes.vocabulary,
    tied,
    layersAround: () => sizes.layers,
    conversionOf: (inFile, name, shape) => conversionOf(architecture, description, { inFile, name, shape }),
    added: rope ? factorTensors(rope) : [],
    notes: missingParts(architecture, description),
  };
}

function conversionOf(
  architecture: string,
  { sizes }: DecoderDescription,
  { inFile, name, shape }: { readonly inFile: string; readonly name: string; readonly shape: readonly number[] },
): TensorConversion | undefined {
  const whose = ggufArchitectures[architecture].hasPairs ? rotaryRows(name) : undefined;
  if (whose) return { shape, permuted: true, convert: (values) => halvesToPairs(values, shape[0], sizes[whose]) };
  if (!hasOneAdded(architecture, inFile)) return undefined;
  return { shape, convert: (values) => values.map((value) => value + 1) };
}

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
    throw noForm('rope_scaling', `type "${rope.scaling.type}"`, `one of ${scalings.join(', ')}`);
  }
  if (rope && rope.width !== sizes.headSize && architecture !== 'phi3') {
    throw noForm('partial_rotary_factor', `${rope.width} of ${sizes.headSize} channels`, 'all of them');
  }
  const usual = 1 / Math.sqrt(sizes.headSize);
  if (attentionScale !== undefined && Math.abs(attentionScale / usual - 1) > 1e-6) {
    const found = String(Math.round(attentionScale ** -2));
    throw noForm('query_pre_attn_scalar', found, `the ${sizes.headSize} channels of a head`);
  }
  const { layersPerFull, queriesAsWideAsHidden } = ggufArchitectures[architecture];
  const queries = sizes.heads * sizes.headSize;
  if (queriesAsWideAsHidden && queries !== sizes.hidden) {
    throw noForm('num_attention_heads', `queries of ${queries}`, `${sizes.hidden}, the hidden size,`);
  }
  const isFull = (layer: number) => (layer + 1) % layersPerFull! === 0;
  const odd = (kindOfLayer ?? []).findIndex((kind, layer) => (kind === 0) !== isFull(layer));
  if (layersPerFull !== undefined && odd >= 0) {
    const expected = `a window in all but each layer ${layersPerFull}`;
    throw noForm(`layer_types.${odd}`, kindOfLayer![odd] === 0 ? 'no window' : 'a window', expected);
  }
}

/** What llama.cpp will compute otherwise than the model. */
function missingParts(architecture: string, { sizes, layerKinds }: DecoderDescription): readonly string[] {
  const window = layerKinds[0].window;
  if (layerKinds.length > 1 || window === undefined || window >= sizes.positions) return [];
  return [`llama.cpp has no windows for ${architecture}: texts beyond ${window} tokens are read differently there`];
}

/** Factors of rotary angles are tensors, see `factorTensors`. */
function architectureMetadata(
  architecture: string,
  description: DecoderDescription,
): Readonly<Record<string, TypedValue>> {
  const { sizes, norm, layerKinds, attentionCap, logitCap, experts } = description;
  return {
    vocab_size: u32(sizes.vocabulary),
    context_length: u32(sizes.positions),
    embedding_length: u32(sizes.hidden),
    block_count: u32(sizes.layers),
    // The first Qwen counts both halves.
    feed_forward_length: u32(architecture === 'qwen' ? 2 * sizes.intermediate : sizes.intermediate),
    ...(experts && { expert_count: u32(experts.count), expert_used_count: u32(experts.perToken) }),
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
}

function ropeMetadata({ width, theta, scaling }: Rope): Record<string, TypedValue> {
  return {
    'rope.dimension_count': u32(width),
    'rope.freq_base': f32(theta),
    ...(scaling.type === 'linear' && {
      'rope.scaling.type': text('linear'),
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
