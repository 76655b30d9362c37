/**
 * The graphs of an encoder beside those of its layers: the norm of what tokens are embedded as, and the vectors of texts
 * out of the last hidden states. Names of values are those of `../layers/graphs.ts`, and
 *
 *   shares             share of each token in the vector of its row, [rows, 1, length]
 *   vectors, d.vectors vectors of the rows, [rows, hidden], and the derivatives by them
 */
import { matmul } from '../../graph/ops/linear.ts';
import { reshape } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { OuterNorm } from '../../models/decoder.ts';
import type { Encoder } from '../../models/encoder.ts';
import { type OnnxModel, toOnnx } from '../../onnx/model-proto.ts';
import type { BatchShape, GradientOptions } from '../layers/graphs.ts';
import { type OuterInputs, outerGradients, outerInputs } from '../layers/outer-graphs.ts';

/** A function of hidden states with the parameters of at most one norm. */
interface Outside extends OuterInputs {
  readonly norm: OuterNorm | undefined;
  readonly output: Tensor;
}

function normed(encoder: Encoder, norm: OuterNorm | undefined, { rows, length }: BatchShape): Outside {
  const inputs = outerInputs(encoder, norm?.parameters ?? {}, rows * length);
  const { hidden, weights } = inputs;
  return { ...inputs, norm, output: norm ? norm.apply(hidden, weights) : hidden };
}

function pooled(encoder: Encoder, shape: BatchShape): Outside {
  const { rows, length } = shape;
  const { hidden: width } = encoder.sizes;
  const outside = normed(encoder, encoder.finalNorm, shape);
  const shares = outside.graph.input('shares', 'f32', [rows, 1, length]);
  const vectors = matmul(shares, reshape(outside.output, [rows, length, width]));
  return { ...outside, output: reshape(vectors, [rows, width]) };
}

function backward(outside: Outside, upstream: string, options: GradientOptions): OnnxModel {
  const { graph, norm, output } = outside;
  const seed = { of: output, upstream: graph.input(upstream, 'f32', output.shape) };
  return toOnnx(outerGradients(outside, norm?.parameters ?? {}, seed, options));
}

export const embeddingNormGraph = (encoder: Encoder, shape: BatchShape): OnnxModel =>
  toOnnx({ output: normed(encoder, encoder.embeddingNorm, shape).output });

export const embeddingNormBackwardGraph = (encoder: Encoder, shape: BatchShape, options: GradientOptions): OnnxModel =>
  backward(normed(encoder, encoder.embeddingNorm, shape), 'd.output', options);

export const poolingGraph = (encoder: Encoder, shape: BatchShape): OnnxModel =>
  toOnnx({ vectors: pooled(encoder, shape).output });

export const poolingBackwardGraph = (encoder: Encoder, shape: BatchShape, options: GradientOptions): OnnxModel =>
  backward(pooled(encoder, shape), 'd.vectors', options);
