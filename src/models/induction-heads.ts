/**
 * New models that look back from their first step. A small model needs hundreds of millions of tokens to find by itself
 * that what followed some tokens once is likely to follow them again; the circuit that does it is known (Olsson et al.
 * 2022, "In-context Learning and Induction Heads") and can be written down. Training is free to change all of it.
 *
 * First layer: head k attends to the position k + 1 before and writes the code of its token, a few channels of the
 * embedding, beside what stands here. Second layer: heads look for a position before which the codes are those of this
 * token and the ones before it, and copy what stands there.
 */
import { UsageError } from '../errors.ts';
import type { Decoder, DecoderSizes } from './decoder.ts';

/** Tokens that are compared at most: after a space or a comma, one says nothing about what comes next. */
const longestContext = 3;
/** The constant channel of an embedding, in lengths of the rest: what heads know positions by, having no biases. */
const constant = 0.5;
/** What remains of random weights: of the two layers' attention, and of all that writes to the residual stream. */
const noise = 0.3;
/** Scores by which the right position leads, in nats: in the first layer, and where all tokens that are compared agree. */
const [positionLead, contextLead] = [8, 16];
/** What is written, in lengths of an embedding: codes of earlier tokens, and the copied token. */
const [codeGain, copyGain] = [2, 4];

interface NewModel {
  readonly decoder: Decoder;
  readonly parameters: ReadonlyMap<string, { readonly weight: Float32Array }>;
}

/** Of one layer, [out, in] each. */
interface AttentionWeights {
  readonly q: Float32Array;
  readonly k: Float32Array;
  readonly v: Float32Array;
  readonly o: Float32Array;
}

/** Where things stand in heads and in the stream. */
interface Circuit {
  readonly sizes: DecoderSizes;
  /** Standard deviation of the embedding's entries. */
  readonly deviation: number;
  /** Radians per position of each rotated pair of channels: i and i + headSize / 2. */
  readonly angles: Float64Array;
  /** Pairs that turn fast enough to tell positions apart, and slowly enough to compare tokens that are far apart. */
  readonly fast: readonly number[];
  readonly slow: readonly number[];
  /** Tokens that are compared, and channels of a token's code. */
  readonly context: number;
  readonly width: number;
}

/**
 * Puts the circuit into weights that were just drawn.
 * @throws UsageError for an architecture without separate projections of queries, keys and values over fully rotated heads
 */
export function installInductionHeads({ decoder, parameters }: NewModel): void {
  const { layers, hidden } = decoder.sizes;
  const embedding = parameters.get(decoder.names.embedding)!.weight;
  const circuit = circuitFor(decoder, deviationOf(embedding));
  const weightOf = (layer: number, name: string) =>
    parameters.get(decoder.blockParameterName(layer, `${name}.weight`))!.weight;
  const attention = (layer: number): AttentionWeights => {
    const [q, k, v, o] = projections.map((name) => scaled(weightOf(layer, name), noise));
    return { q, k, v, o };
  };
  for (let layer = 0; layer < layers; layer++) scaled(weightOf(layer, 'mlp.down_proj'), noise);
  for (let layer = 2; layer < layers; layer++) scaled(weightOf(layer, 'self_attn.o_proj'), noise);
  const steady = constant * circuit.deviation * Math.sqrt(hidden);
  for (let at = hidden - 1; at < embedding.length; at += hidden) embedding[at] = steady;
  attendToPrevious(attention(0), circuit);
  copyWhatFollowed(attention(1), circuit);
}

function circuitFor(decoder: Decoder, deviation: number): Circuit {
  requireRoom(decoder);
  const { sizes } = decoder;
  const angles = anglesOf(decoder);
  const pairs = Array.from(angles, (_, pair) => pair);
  const fast = pairs.filter((pair) => angles[pair] > 0.08);
  const slow = pairs.filter((pair) => angles[pair] < 0.04);
  const context = Math.min(longestContext, sizes.keyValueHeads, slow.length);
  if (context === 0 || fast.length === 0) {
    throw refused(decoder, `rotary angles from ${angles.at(-1)!.toPrecision(2)} to ${angles[0].toPrecision(2)}`);
  }
  return { sizes, deviation, angles, fast, slow, context, width: 2 * Math.floor(slow.length / context) };
}

/** The first query head of those that share a key head has a part in the circuit. */
const queryHead = (keyHead: number, { heads, keyValueHeads }: DecoderSizes): number =>
  keyHead * (heads / keyValueHeads);

/** Head k finds the position k + 1 before by its constant channel and writes the code of the token that stands there. */
function attendToPrevious({ q, k, v, o }: AttentionWeights, circuit: Circuit): void {
  const { sizes, deviation, angles, fast, context, width } = circuit;
  const { hidden, heads, headSize } = sizes;
  // After the norm: standard deviation of a channel, and value of the constant one.
  const spread = 1 / Math.sqrt(1 + constant ** 2);
  const steady = constant * spread * Math.sqrt(hidden);
  const sharpness = fast.reduce((sum, pair) => sum + 1 - Math.cos(angles[pair]), 0);
  const known = Math.sqrt((positionLead * Math.sqrt(headSize)) / sharpness) / steady;
  const last = hidden - 1;
  for (let head = 0; head < context; head++) {
    const [keys, queries, before] = [head * headSize, queryHead(head, sizes) * headSize, head + 1];
    for (const pair of fast) {
      // The key of the position so far before, turned by the way to here, is this query.
      k[(keys + pair) * hidden + last] += known;
      q[(queries + pair) * hidden + last] += known * Math.cos(before * angles[pair]);
      q[(queries + headSize / 2 + pair) * hidden + last] -= known * Math.sin(before * angles[pair]);
    }
    for (let i = 0; i < width; i++) {
      v[(keys + i) * hidden + i] += 1;
      o[(before * width + i) * heads * headSize + queries + i] += (codeGain * deviation) / spread;
    }
  }
}

/** Every head finds a position before which the codes are those of this token and the ones before it, and copies a part. */
function copyWhatFollowed({ q, k, v, o }: AttentionWeights, circuit: Circuit): void {
  const { sizes, deviation, slow, context, width } = circuit;
  const { hidden, heads, keyValueHeads, headSize } = sizes;
  // After the norm, with the codes that the first layer wrote.
  const spread = 1 / Math.sqrt(1 + constant ** 2 + (codeGain ** 2 * context * width) / hidden);
  for (let head = 0; head < keyValueHeads; head++) {
    const [keys, queries] = [head * headSize, queryHead(head, sizes) * headSize];
    for (let before = 0; before < context; before++) {
      const agreement = width * codeGain ** (before === 0 ? 1 : 2) * spread ** 2;
      const sought = Math.sqrt(((contextLead / context) * Math.sqrt(headSize)) / agreement);
      // Every token of the context is compared at slow pairs of all speeds.
      for (let i = 0; i < width; i++) {
        const at = slow[Math.floor(i / 2) * context + before] + (i % 2) * (headSize / 2);
        q[(queries + at) * hidden + before * width + i] += sought;
        k[(keys + at) * hidden + (before + 1) * width + i] += sought;
      }
    }
    for (let i = 0; i < headSize; i++) {
      const channel = keys + i;
      const isCode = channel >= width && channel < (context + 1) * width;
      if (isCode || channel >= hidden - 1) continue;
      v[channel * hidden + channel] += 1;
      o[channel * heads * headSize + queries + i] += (copyGain * deviation) / spread;
    }
  }
}

const projections = ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj', 'self_attn.o_proj'] as const;

function requireRoom(decoder: Decoder): void {
  const { sizes, blockParameters, layerKinds, tied } = decoder;
  const { hidden, keyValueHeads, headSize, layers } = sizes;
  const isPlain =
    [...projections, 'mlp.down_proj'].every((name) => `${name}.weight` in blockParameters) &&
    !('self_attn.q_norm.weight' in blockParameters);
  if (!isPlain) throw refused(decoder, 'other parts of a block');
  if (!tied) throw refused(decoder, 'a head of its own');
  if (!layerKinds.every(({ rotaryWidth }) => rotaryWidth === headSize)) throw refused(decoder, 'other rotary channels');
  // Codes take up to two heads of channels beside the constant one.
  if (layers >= 2 && hidden > 2 * headSize && hidden >= keyValueHeads * headSize) return;
  throw refused(decoder, `${layers} layers, ${hidden} channels, ${keyValueHeads} key heads of ${headSize}`);
}

const refused = ({ modelType }: Decoder, found: string): UsageError =>
  new UsageError({
    field: 'induction_heads',
    found: `a ${modelType} model with ${found}`,
    expected:
      'blocks as those of llama, fully rotated heads with fast and slow angles, a head tied to the embedding, two layers, and more channels than two heads have',
    fix: 'Leave induction_heads out, or change the configuration.',
  });

/** Of each rotated pair of channels, in radians per position. */
function anglesOf({ layerKinds }: Decoder): Float64Array {
  const { cos, sin } = layerKinds[0].rotaryTables(2)!;
  const half = cos.length / 2;
  return Float64Array.from({ length: half }, (_, pair) => Math.atan2(sin[half + pair], cos[half + pair]));
}

const deviationOf = (values: Float32Array): number =>
  Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

function scaled(weight: Float32Array, factor: number): Float32Array {
  for (let i = 0; i < weight.length; i++) weight[i] *= factor;
  return weight;
}
