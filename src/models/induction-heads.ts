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
import type { Decoder } from './decoder.ts';

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

/**
 * Puts the circuit into weights that were just drawn.
 * @throws UsageError for an architecture without separate projections of queries, keys and values over fully rotated heads
 */
export function installInductionHeads({ decoder, parameters }: NewModel): void {
  requireRoom(decoder);
  const { hidden, heads, keyValueHeads, headSize, layers } = decoder.sizes;
  const weightOf = (layer: number, name: string) =>
    parameters.get(decoder.blockParameterName(layer, `${name}.weight`))!.weight;
  const attention = (layer: number) => {
    const [q, k, v, o] = projections.map((name) => scaled(weightOf(layer, name), noise));
    return { q, k, v, o };
  };
  for (let layer = 0; layer < layers; layer++) scaled(weightOf(layer, 'mlp.down_proj'), noise);
  for (let layer = 2; layer < layers; layer++) scaled(weightOf(layer, 'self_attn.o_proj'), noise);

  const embedding = parameters.get(decoder.names.embedding)!.weight;
  const deviation = deviationOf(embedding);
  const last = hidden - 1;
  for (let at = last; at < embedding.length; at += hidden) embedding[at] = constant * deviation * Math.sqrt(hidden);

  const angles = anglesOf(decoder);
  const half = headSize / 2;
  const pairs = Array.from(angles, (_, pair) => pair);
  const fast = pairs.filter((pair) => angles[pair] > 0.08);
  const slow = pairs.filter((pair) => angles[pair] < 0.04);
  const context = Math.min(longestContext, keyValueHeads, slow.length);
  // Slow pairs keep what is compared from turning with the distance; each token of the context gets some of every speed.
  const width = 2 * Math.floor(slow.length / context);
  const comparedIn = (k: number) => slow.filter((_, i) => i % context === k && i < (context * width) / 2);
  /** Channels of the stream that hold the code of the token so many positions before. */
  const code = (before: number, i: number) => before * width + i;
  const codes = (context + 1) * width;
  const queryHead = (keyHead: number) => keyHead * (heads / keyValueHeads);
  const inputs = heads * headSize;

  const first = attention(0);
  // After the norm: standard deviation of a channel, and value of the constant one.
  const spread = 1 / Math.sqrt(1 + constant ** 2);
  const steady = constant * spread * Math.sqrt(hidden);
  const sharpness = fast.reduce((sum, pair) => sum + 1 - Math.cos(angles[pair]), 0);
  const known = Math.sqrt((positionLead * Math.sqrt(headSize)) / sharpness) / steady;
  for (let head = 0; head < context; head++) {
    const [query, before] = [queryHead(head), head + 1];
    for (const pair of fast) {
      // The key of the position so far before, turned by the way to here, is this query.
      first.k[(head * headSize + pair) * hidden + last] += known;
      first.q[(query * headSize + pair) * hidden + last] += known * Math.cos(before * angles[pair]);
      first.q[(query * headSize + half + pair) * hidden + last] -= known * Math.sin(before * angles[pair]);
    }
    for (let i = 0; i < width; i++) {
      first.v[(head * headSize + i) * hidden + code(0, i)] += 1;
      first.o[code(before, i) * inputs + query * headSize + i] += (codeGain * deviation) / spread;
    }
  }

  const second = attention(1);
  const widened = 1 / Math.sqrt(1 + constant ** 2 + (codeGain ** 2 * context * width) / hidden);
  for (let head = 0; head < keyValueHeads; head++) {
    const query = queryHead(head);
    for (let before = 0; before < context; before++) {
      const agreement = width * codeGain ** (before === 0 ? 1 : 2) * widened ** 2;
      const sought = Math.sqrt(((contextLead / context) * Math.sqrt(headSize)) / agreement);
      comparedIn(before).forEach((pair, index) => {
        for (const [i, at] of [
          [2 * index, pair],
          [2 * index + 1, half + pair],
        ]) {
          second.q[(query * headSize + at) * hidden + code(before, i)] += sought;
          second.k[(head * headSize + at) * hidden + code(before + 1, i)] += sought;
        }
      });
    }
    for (let i = 0; i < headSize; i++) {
      const copied = head * headSize + i;
      const isWritten = copied >= width && copied < codes;
      if (isWritten || copied >= last) continue;
      second.v[(head * headSize + i) * hidden + copied] += 1;
      second.o[copied * inputs + query * headSize + i] += (copyGain * deviation) / widened;
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
