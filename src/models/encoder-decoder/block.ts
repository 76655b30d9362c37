/**
 * A block as it is trained: self-attention, in a decoder attention to the encoder's states, and a feed-forward layer, each
 * of the normed stream and added to it (Raffel et al. 2020; gated layers: Shazeer 2020).
 */
import { add, geluTanh, mul, relu, silu } from '../../graph/ops/elementwise.ts';
import { rmsNorm } from '../../graph/ops/normalize.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { BlockResult, BlockWeights, Projection } from '../decoder.ts';
import type { StackContext } from '../encoder-decoder.ts';
import { linearLayer } from '../layers/linear.ts';
import { attend, joinHeads, splitHeads } from './attention.ts';
import type { Activation, AttentionNames, EncoderDecoderDescription, StackNames } from './description.ts';

const activations = { relu, 'gelu-tanh': geluTanh, silu } as const satisfies Record<Activation, (x: Tensor) => Tensor>;

/** A norm of the residual stream, by its name in the layer. */
export const normed = (x: Tensor, name: string, weights: BlockWeights, { epsilon }: EncoderDecoderDescription) =>
  rmsNorm(x, weights[`${name}.weight`], epsilon);

/** Hidden [rows * length, hidden] -> the same shape. */
export function block(
  hidden: Tensor,
  weights: BlockWeights,
  { rows, bias, mask, memory, project = linearLayer }: StackContext,
  names: StackNames,
  description: EncoderDecoderDescription,
): BlockResult {
  const layer = (x: Tensor, part: AttentionNames, terms: readonly Tensor[], read?: Tensor) =>
    attentionLayer(x, weights, part, { rows, terms, read, project }, description);
  const self = layer(hidden, names.self, [bias, mask]);
  const cross = names.cross && memory ? layer(self.output, names.cross, [memory.mask], memory.states) : undefined;
  const last = feedForward((cross ?? self).output, weights, { ...names, project }, description);
  const keep = { ...prefixed('self', self.keep), ...prefixed('cross', cross?.keep ?? {}), ...last.keep };
  return { output: last.output, keep };
}

interface Attended {
  readonly rows: number;
  /** What is added to scores. */
  readonly terms: readonly Tensor[];
  /** Where keys and values are from, if not from the stream itself: [rows * inputLength, hidden], normed already. */
  readonly read?: Tensor;
  readonly project: Projection;
}

/** x [rows * length, hidden] -> x and what the layer adds to it. */
function attentionLayer(
  x: Tensor,
  weights: BlockWeights,
  part: AttentionNames,
  { rows, terms, read, project }: Attended,
  description: EncoderDecoderDescription,
): BlockResult {
  const own = normed(x, part.norm, weights, description);
  const query = project(own, part.query, weights);
  const key = project(read ?? own, part.key, weights);
  const value = project(read ?? own, part.value, weights);
  const heads = (projected: Tensor) => splitHeads(projected, { rows, heads: description.sizes.heads });
  const mixed = joinHeads(attend(heads(query), heads(key), heads(value), terms));
  const output = add(x, project(mixed, part.output, weights));
  return { output, keep: { query, key, value, mixed, output } };
}

const prefixed = (prefix: string, values: Readonly<Record<string, Tensor>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, value]));

type FeedForward = Pick<StackNames, 'feedForwardNorm' | 'feedForward' | 'down'> & { readonly project: Projection };

/** x [n, hidden] -> x and what the layer adds to it. */
export function feedForward(
  x: Tensor,
  weights: BlockWeights,
  { feedForwardNorm, feedForward: names, down, project }: FeedForward,
  description: EncoderDecoderDescription,
): BlockResult {
  const own = normed(x, feedForwardNorm, weights, description);
  const activate = activations[description.activation];
  const [gate, up] = names.map((name) => project(own, name, weights));
  const inner = up ? mul(activate(gate), up) : activate(gate);
  return { output: add(x, project(inner, down, weights)), keep: { gate, ...(up && { up }) } };
}
