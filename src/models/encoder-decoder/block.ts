/**
 * A block as it is trained: self-attention, in a decoder attention to the encoder's states, and a feed-forward layer, each
 * of the normed stream and added to it (Raffel et al. 2020; gated layers: Shazeer 2020).
 */
import { add, geluTanh, mul, relu, silu } from '../../graph/ops/elementwise.ts';
import { rmsNorm } from '../../graph/ops/normalize.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { BlockResult, BlockWeights } from '../decoder.ts';
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
  { rows, bias, mask, memory }: StackContext,
  names: StackNames,
  description: EncoderDecoderDescription,
): BlockResult {
  const { heads } = description.sizes;
  const attention = (x: Tensor, read: Tensor | undefined, part: AttentionNames, terms: readonly Tensor[]) => {
    const own = normed(x, part.norm, weights, description);
    const query = linearLayer(own, part.query, weights);
    const key = linearLayer(read ?? own, part.key, weights);
    const value = linearLayer(read ?? own, part.value, weights);
    const split = [query, key, value].map((projected) => splitHeads(projected, { rows, heads }));
    const mixed = joinHeads(attend(split[0], split[1], split[2], terms));
    const output = add(x, linearLayer(mixed, part.output, weights));
    return { output, keep: { query, key, value, mixed, output } };
  };
  const self = attention(hidden, undefined, names.self, [bias, mask]);
  const cross = names.cross && memory ? attention(self.output, memory.states, names.cross, [memory.mask]) : undefined;
  const last = feedForward((cross ?? self).output, weights, names, description);
  const keep = { ...prefixed('self', self.keep), ...prefixed('cross', cross?.keep ?? {}), ...last.keep };
  return { output: last.output, keep };
}

const prefixed = (prefix: string, values: Readonly<Record<string, Tensor>>) =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${prefix}.${name}`, value]));

/** x [n, hidden] -> x and what the layer adds to it. */
export function feedForward(
  x: Tensor,
  weights: BlockWeights,
  { feedForwardNorm, feedForward: names, down }: StackNames,
  description: EncoderDecoderDescription,
): BlockResult {
  const own = normed(x, feedForwardNorm, weights, description);
  const activate = activations[description.activation];
  const [gate, up] = names.map((name) => linearLayer(own, name, weights));
  const inner = up ? mul(activate(gate), up) : activate(gate);
  return { output: add(x, linearLayer(inner, down, weights)), keep: { gate, ...(up && { up }) } };
}
