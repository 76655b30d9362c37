/**
 * One block as it is trained: attention and a feed-forward layer, each added to the residual stream, with norms before
 * (Llama), after (OLMo 2) or on both sides (Gemma 2), or of the stream itself (BERT).
 */
import { add } from '../../graph/ops/elementwise.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { BlockContext, BlockResult, BlockWeights, GroupedLayers } from '../decoder.ts';
import { linearLayer } from '../layers/linear.ts';
import { attentionLayer } from './attention-layer.ts';
import type { LayersDescription } from './description.ts';
import { expertLayer } from './expert-layer.ts';
import { feedForwardLayer } from './feed-forward-layer.ts';
import { norm } from './norm.ts';

/** What a part of the block adds to the stream, and what it keeps for the backward pass. */
export interface PartResult {
  readonly output: Tensor;
  readonly keep: Readonly<Record<string, Tensor>>;
}

/** See `Projection`: with the weights of the block, adapted where an adapter takes part. */
type Project = (x: Tensor, layer: string | GroupedLayers) => Tensor;

export interface PartContext extends Omit<BlockContext, 'project'> {
  readonly weights: BlockWeights;
  readonly project: Project;
}

/** Hidden [rows * length, hidden] -> the same shape. */
export function block(
  hidden: Tensor,
  weights: BlockWeights,
  { project = linearLayer, ...context }: BlockContext,
  description: LayersDescription,
): BlockResult {
  const { names, experts } = description;
  const { attentionNorm, attentionOutputNorm, attentionSumNorm } = names.block;
  const { feedForwardNorm, feedForwardOutputNorm, feedForwardSumNorm } = names.block;
  const part: PartContext = { ...context, weights, project: (x, layer) => project(x, layer, weights) };
  const normed = (x: Tensor, name: string | undefined) =>
    name === undefined ? x : norm(x, name, weights, description.norm);

  const attended = attentionLayer(normed(hidden, attentionNorm), part, description);
  const middle = add(hidden, normed(attended.output, attentionOutputNorm));
  const between = normed(middle, attentionSumNorm);
  const feedForward = experts ? expertLayer : feedForwardLayer;
  const transformed = feedForward(normed(between, feedForwardNorm), part, description);
  const sum = add(between, normed(transformed.output, feedForwardOutputNorm));
  return {
    output: normed(sum, feedForwardSumNorm),
    keep: {
      ...attended.keep,
      // The derivative of a norm needs what it read.
      ...(attentionOutputNorm !== undefined && { attended: attended.output }),
      middle,
      ...transformed.keep,
      ...(feedForwardOutputNorm !== undefined && { transformed: transformed.output }),
      ...(feedForwardSumNorm !== undefined && { sum }),
    },
  };
}
