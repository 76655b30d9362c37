/**
 * The graphs of an encoder beside those of its layers: the norm of what tokens are embedded as, and the vectors of texts
 * out of the last hidden states. Names of values are those of `../layers/graphs.ts`, and
 *
 *   shares             share of each token in the vector of its row, [rows, 1, length]
 *   vectors, d.vectors vectors of the rows, [rows, hidden], and the derivatives by them
 */
import { gradients } from '../../graph/backward.ts';
import { Graph } from '../../graph/graph.ts';
import { matmul } from '../../graph/ops/linear.ts';
import { reshape } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { BlockWeights, OuterNorm } from '../../models/decoder.ts';
import type { Encoder } from '../../models/encoder.ts';
import { type OnnxModel, toOnnx } from '../../onnx/model-proto.ts';
import { type BatchShape, type GradientOptions, gradientOutputs, weightInputs } from '../layers/graphs.ts';

/** A function of hidden states with the parameters of at most one norm. */
interface Outside {
  readonly graph: Graph;
  readonly hidden: Tensor;
  readonly norm: OuterNorm | undefined;
  readonly weights: BlockWeights;
  readonly output: Tensor;
}

function normed(encoder: Encoder, norm: OuterNorm | undefined, { rows, length }: BatchShape): Outside {
  const graph = new Graph();
  const hidden = graph.input('hidden', 'f32', [rows * length, encoder.sizes.hidden]);
  const shapes = new Map(encoder.parameters.map(({ name, shape }) => [name, shape]));
  const named = Object.entries(norm?.parameters ?? {}).map(([local, name]) => [local, shapes.get(name)!] as const);
  const weights = weightInputs(graph, Object.fromEntries(named));
  return { graph, hidden, norm, weights, output: norm ? norm.apply(hidden, weights) : hidden };
}

function pooled(encoder: Encoder, shape: BatchShape): Outside {
  const { rows, length } = shape;
  const { hidden: width } = encoder.sizes;
  const outside = normed(encoder, encoder.finalNorm, shape);
  const shares = outside.graph.input('shares', 'f32', [rows, 1, length]);
  const vectors = matmul(shares, reshape(outside.output, [rows, length, width]));
  return { ...outside, output: reshape(vectors, [rows, width]) };
}

/** Gradients of what is trained, and the derivatives by the hidden states. */
function backward(
  { graph, hidden, norm, weights, output }: Outside,
  upstream: string,
  { isTrained, accumulating }: GradientOptions,
): OnnxModel {
  const parameters = Object.entries(weights).filter(([local]) => isTrained(norm!.parameters[local]));
  const seed = { of: output, upstream: graph.input(upstream, 'f32', output.shape) };
  const [byHidden, ...byWeights] = gradients([seed], [hidden, ...parameters.map(([, weight]) => weight)]);
  return toOnnx({ 'd.hidden': byHidden!, ...gradientOutputs(graph, parameters, byWeights, accumulating) });
}

export const embeddingNormGraph = (encoder: Encoder, shape: BatchShape): OnnxModel =>
  toOnnx({ output: normed(encoder, encoder.embeddingNorm, shape).output });

export const embeddingNormBackwardGraph = (encoder: Encoder, shape: BatchShape, options: GradientOptions): OnnxModel =>
  backward(normed(encoder, encoder.embeddingNorm, shape), 'd.output', options);

export const poolingGraph = (encoder: Encoder, shape: BatchShape): OnnxModel =>
  toOnnx({ vectors: pooled(encoder, shape).output });

export const poolingBackwardGraph = (encoder: Encoder, shape: BatchShape, options: GradientOptions): OnnxModel =>
  backward(pooled(encoder, shape), 'd.vectors', options);
