/**
 * Graphs of an encoder-decoder: position bias, block forward and backward, the encoder's last norm. Names of values are
 * those of `../layers/graphs.ts`, and
 *
 *   buckets            row of the bias table for each query and key, int32 [length, length]
 *   bias, d.bias       position bias [1, heads, length, length], which all blocks of a stack share, and its gradient
 *   mask, memory.mask  what is added to scores, see `StackContext`
 *   memory, d.memory   the encoder's states [rows * inputLength, hidden], which all blocks of the decoder share
 *   a.bias, a.memory   gradients of what is shared so far
 */
import { gradients } from '../../graph/backward.ts';
import { Graph } from '../../graph/graph.ts';
import { gather } from '../../graph/ops/indexing.ts';
import { reshape, transpose } from '../../graph/ops/shape.ts';
import type { Shape, Tensor } from '../../graph/tensor.ts';
import type { EncoderDecoder, Stack } from '../../models/encoder-decoder.ts';
import { type OnnxModel, toOnnx } from '../../onnx/model-proto.ts';
import { type GradientOptions, gradientOutputs, weightInputs } from '../layers/graphs.ts';
import { outerGradients, outerInputs } from '../layers/outer-graphs.ts';

/** Of one stack. A decoder's blocks read states of `inputLength` tokens. */
export interface StackShape {
  readonly rows: number;
  readonly length: number;
  readonly inputLength?: number;
}

/** Table [buckets, heads] and buckets [queries, keys] -> bias [1, heads, queries, keys]. */
export function positionBias(table: Tensor, buckets: Tensor): Tensor {
  const heads = table.shape[1];
  const [queries, keys] = buckets.shape;
  return reshape(transpose(gather(table, buckets), [2, 0, 1]), [1, heads, queries, keys]);
}

function biasInputs(table: Shape, { length }: StackShape) {
  const graph = new Graph();
  const weights = weightInputs(graph, { positions: table });
  const bias = positionBias(weights.positions, graph.input('buckets', 'i32', [length, length]));
  return { graph, weights, bias };
}

export const biasGraph = (table: Shape, shape: StackShape): OnnxModel =>
  toOnnx({ bias: biasInputs(table, shape).bias });

export function biasBackwardGraph(table: Shape, shape: StackShape, accumulating: boolean): OnnxModel {
  const { graph, weights, bias } = biasInputs(table, shape);
  const seed = { of: bias, upstream: graph.input('d.bias', 'f32', bias.shape) };
  const [byTable] = gradients([seed], [weights.positions]);
  return toOnnx(gradientOutputs(graph, Object.entries(weights), [byTable], accumulating));
}

/** Shape of a stack's mask: the encoder's is of keys, the same for all queries, the decoder's causal in all rows. */
export const maskShape = ({ rows, length, inputLength }: StackShape): Shape =>
  inputLength === undefined ? [rows, 1, 1, length] : [1, 1, length, length];

function blockInputs({ sizes }: EncoderDecoder, stack: Stack, shape: StackShape) {
  const { rows, length, inputLength } = shape;
  const graph = new Graph();
  const hidden = graph.input('hidden', 'f32', [rows * length, sizes.hidden]);
  const weights = weightInputs(graph, stack.blockParameters);
  const bias = graph.input('bias', 'f32', [1, sizes.heads, length, length]);
  const mask = graph.input('mask', 'f32', maskShape(shape));
  const memory =
    inputLength === undefined
      ? undefined
      : {
          states: graph.input('memory', 'f32', [rows * inputLength, sizes.hidden]),
          mask: graph.input('memory.mask', 'f32', [rows, 1, 1, inputLength]),
        };
  return { graph, hidden, weights, bias, memory, ...stack.block(hidden, weights, { rows, bias, mask, memory }) };
}

/** @param keeps whether what the backward pass needs is kept */
export function blockGraph(model: EncoderDecoder, stack: Stack, shape: StackShape, keeps: boolean): OnnxModel {
  const { output, keep } = blockInputs(model, stack, shape);
  const kept = keeps ? Object.entries(keep) : [];
  return toOnnx({ output, ...Object.fromEntries(kept.map(([name, value]) => [`keep.${name}`, value])) });
}

/** Adds the derivatives by what blocks share to those that are there, always. */
export function blockBackwardGraph(
  model: EncoderDecoder,
  stack: Stack,
  shape: StackShape,
  { isTrained, accumulating }: GradientOptions,
): OnnxModel {
  const { graph, hidden, weights, bias, memory, output, keep } = blockInputs(model, stack, shape);
  const upstream = graph.input('d.output', 'f32', output.shape);
  const parameters = Object.entries(weights).filter(([name]) => isTrained(stack.blockParameterName(0, name)));
  const shared: [string, Tensor][] = [
    ['bias', bias],
    ...(memory ? [['memory', memory.states] as [string, Tensor]] : []),
  ];
  const wrt = [hidden, ...[...shared, ...parameters].map(([, tensor]) => tensor)];
  const [byHidden, ...others] = gradients([{ of: output, upstream }], wrt);
  return toOnnx(
    {
      'd.hidden': byHidden!,
      ...gradientOutputs(graph, shared, others.slice(0, shared.length), true),
      ...gradientOutputs(graph, parameters, others.slice(shared.length), accumulating),
    },
    new Map(Object.entries(keep).map(([name, value]) => [value, `keep.${name}`])),
  );
}

/** The encoder's last norm, of `count` tokens. */
export function memoryGraph(model: EncoderDecoder, count: number): OnnxModel {
  const { finalNorm } = model.encoder;
  const { hidden, weights } = outerInputs(model, finalNorm.parameters, count);
  return toOnnx({ memory: finalNorm.apply(hidden, weights) });
}

export function memoryBackwardGraph(model: EncoderDecoder, count: number, options: GradientOptions): OnnxModel {
  const { finalNorm } = model.encoder;
  const inputs = outerInputs(model, finalNorm.parameters, count);
  const memory = finalNorm.apply(inputs.hidden, inputs.weights);
  const seed = { of: memory, upstream: inputs.graph.input('d.memory', 'f32', memory.shape) };
  return toOnnx(outerGradients(inputs, finalNorm.parameters, seed, options));
}
