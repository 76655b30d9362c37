/**
 * New models that look back from their first step. A small model needs hundreds of millions of tokens to find by itself
 * that what followed a token once is likely to follow it again; the circuit that does it is known (Olsson et al. 2022,
 * "In-context Learning and Induction Heads") and can be written down. Training is free to change all of it.
 *
 * First layer: half of the heads attend to the previous position and write what stands there beside what stands here.
 * Second layer: heads look for a position whose previous token is this one, and copy what stands there.
 */
import { UsageError } from '../errors.ts';
import type { Decoder } from './decoder.ts';

/** The constant channel of an embedding, in lengths of the rest: what heads know positions by, having no biases. */
const constant = 0.5;
/** What remains of random weights: of the two layers' attention, and of all that writes to the residual stream. */
const noise = 0.3;
/** Score by which the right position leads, in nats. */
const lead = 8;
/** What is written, in lengths of an embedding: the previous token beside the present one, and the copied one. */
const previousGain = 0.8;
const copyGain = 4;

interface NewModel {
  readonly decoder: Decoder;
  readonly parameters: ReadonlyMap<string, { readonly weight: Float32Array }>;
}

/**
 * Puts the circuit into weights that were just drawn. Channels of the stream stand for themselves: head h reads the
 * channels from h * headSize on, and the previous token is written half as many heads further up.
 * @throws UsageError for an architecture without separate projections of queries, keys and values over fully rotated heads
 */
export function installInductionHeads({ decoder, parameters }: NewModel): void {
  const { hidden, heads, keyValueHeads, headSize, layers } = decoder.sizes;
  requireRoom(decoder);
  const embedding = parameters.get(decoder.names.embedding)!.weight;
  const deviation = deviationOf(embedding);
  const last = hidden - 1;
  for (let at = last; at < embedding.length; at += hidden) embedding[at] = constant * deviation * Math.sqrt(hidden);
  // After a norm: standard deviation of a channel, and value of the constant one.
  const spread = 1 / Math.sqrt(1 + constant ** 2);
  const steady = constant * spread * Math.sqrt(hidden);

  const weightOf = (layer: number, name: string) =>
    parameters.get(decoder.blockParameterName(layer, `${name}.weight`))!.weight;
  const layer = (index: number) => {
    const [q, k, v, o] = projections.map((name) => scaled(weightOf(index, name), noise));
    return { q, k, v, o };
  };
  for (let index = 0; index < layers; index++) scaled(weightOf(index, 'mlp.down_proj'), noise);
  for (let index = 2; index < layers; index++) scaled(weightOf(index, 'self_attn.o_proj'), noise);

  const angles = anglesOf(decoder);
  const half = headSize / 2;
  const pairs = Array.from(angles, (_, pair) => pair);
  const fast = pairs.filter((pair) => angles[pair] > 0.08);
  const slow = pairs.filter((pair) => angles[pair] < 0.04).flatMap((pair) => [pair, half + pair]);
  const queryHead = (keyHead: number) => keyHead * (heads / keyValueHeads);
  const previousHeads = Math.max(1, Math.floor(keyValueHeads / 2));
  const channel = (head: number, at: number) => head * headSize + at;
  const written = (head: number, at: number) => channel(head + previousHeads, at);

  const previous = layer(0);
  const sharpness = fast.reduce((sum, pair) => sum + 1 - Math.cos(angles[pair]), 0);
  const known = Math.sqrt((lead * Math.sqrt(headSize)) / sharpness) / steady;
  for (let head = 0; head < previousHeads; head++) {
    const query = queryHead(head);
    for (const pair of fast) {
      // The key of the previous position, rotated by one step, is this query.
      previous.k[channel(head, pair) * hidden + last] += known;
      previous.q[channel(query, pair) * hidden + last] += known * Math.cos(angles[pair]);
      previous.q[channel(query, half + pair) * hidden + last] -= known * Math.sin(angles[pair]);
    }
    for (let at = 0; at < headSize; at++) {
      if (written(head, at) === last) continue;
      previous.v[channel(head, at) * hidden + channel(head, at)] += 1;
      previous.o[written(head, at) * heads * headSize + channel(query, at)] += (previousGain * deviation) / spread;
    }
  }

  const induction = layer(1);
  // Half of the channels hold two tokens by now.
  const widened = 1 / Math.sqrt(1 + previousGain ** 2 / 2 + constant ** 2);
  const matched = slow.length * previousGain * widened ** 2;
  const sought = Math.sqrt((lead * Math.sqrt(headSize)) / matched);
  for (let head = 0; head < keyValueHeads; head++) {
    const query = queryHead(head);
    const source = head % previousHeads;
    for (const at of slow) {
      if (written(source, at) === last) continue;
      induction.q[channel(query, at) * hidden + channel(source, at)] += sought;
      induction.k[channel(head, at) * hidden + written(source, at)] += sought;
    }
    for (let at = 0; at < headSize; at++) {
      const copied = channel(query, at);
      if (copied >= last) continue;
      induction.v[channel(head, at) * hidden + copied] += 1;
      induction.o[copied * heads * headSize + channel(query, at)] += (copyGain * deviation) / widened;
    }
  }
}

const projections = ['self_attn.q_proj', 'self_attn.k_proj', 'self_attn.v_proj', 'self_attn.o_proj'] as const;

function requireRoom({ modelType, sizes, blockParameters, layerKinds, tied }: Decoder): void {
  const { hidden, keyValueHeads, headSize, layers } = sizes;
  const missing = [...projections, 'mlp.down_proj'].filter((name) => !(`${name}.weight` in blockParameters));
  const isPlain = missing.length === 0 && !('self_attn.q_norm.weight' in blockParameters) && tied;
  const isRotated = layerKinds.every(({ rotaryWidth }) => rotaryWidth === headSize);
  if (isPlain && isRotated && layers >= 2 && hidden >= 2 * headSize && hidden >= keyValueHeads * headSize) return;
  throw new UsageError({
    field: 'induction_heads',
    found: `a ${modelType} of ${layers} layers, ${hidden} channels and heads of ${headSize}${tied ? '' : ', untied'}`,
    expected:
      'two layers, as many channels as heads have, fully rotated, and a head tied to the embedding, as in llama',
    fix: 'Leave induction_heads out, or change the configuration.',
  });
}

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
