/**
 * The head of a model that predicts tokens. Names of values are those of `graphs.ts`, and
 *
 *   labels             token to predict for each of the hidden states, int32 [count]
 *   losses             their negative log-likelihoods in nats, [count]
 *   label.weights      derivative of what is minimized by each loss, [count]
 *   logits             [count, vocabulary]
 */
import { crossEntropy } from '../../graph/ops/loss.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { BlockWeights } from '../../models/decoder.ts';
import { type OnnxModel, toOnnx } from '../../onnx/model-proto.ts';
import type { GradientOptions } from './graphs.ts';
import { type OuterModel, outerGradients, outerInputs } from './outer-graphs.ts';
import type { LocalNames } from './parameter-buffers.ts';

/** A decoder, or an encoder-decoder. */
export interface HeadedModel extends OuterModel {
  readonly sizes: { readonly hidden: number; readonly vocabulary: number };
  /** Checkpoint names of what the head reads, by the names that `head` has for them. */
  readonly headParameters: LocalNames;
  head(hidden: Tensor, weights: BlockWeights): Tensor;
}

function headInputs(model: HeadedModel, count: number) {
  const inputs = outerInputs(model, model.headParameters, count);
  return { ...inputs, logits: model.head(inputs.hidden, inputs.weights) };
}

export const headLogitsGraph = (model: HeadedModel, count: number): OnnxModel =>
  toOnnx({ logits: headInputs(model, count).logits });

export function headScoreGraph(model: HeadedModel, count: number): OnnxModel {
  const { graph, logits } = headInputs(model, count);
  return toOnnx({ losses: crossEntropy(logits, graph.input('labels', 'i32', [count])) });
}

/** Losses, and the gradients of their weighted sum. */
export function headLossGraph(model: HeadedModel, count: number, options: GradientOptions): OnnxModel {
  const inputs = headInputs(model, count);
  const losses = crossEntropy(inputs.logits, inputs.graph.input('labels', 'i32', [count]));
  const seed = { of: losses, upstream: inputs.graph.input('label.weights', 'f32', [count]) };
  return toOnnx({ losses, ...outerGradients(inputs, model.headParameters, seed, options) });
}
