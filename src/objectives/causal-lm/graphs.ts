/** A whole step of next-token training as one graph, for tiny models. Names of values are those of `../layers/`. */
import { gradients } from '../../graph/backward.ts';
import { Graph } from '../../graph/graph.ts';
import { crossEntropy } from '../../graph/ops/loss.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { Decoder } from '../../models/decoder.ts';
import { attentionMasks } from '../../models/layers/attention-masks.ts';
import { type OnnxModel, toOnnx } from '../../onnx/model-proto.ts';
import {
  type BatchShape,
  contextInputs,
  factorInputs,
  type GradientOptions,
  gradientOutputs,
  type IsTrained,
  positionInput,
  rotaryNames,
  weightInputs,
} from '../layers/graphs.ts';
import { outerWeights, trainedOf } from '../layers/outer-graphs.ts';

const trainsEmbedding = ({ names }: Decoder, isTrained: IsTrained): boolean =>
  isTrained(names.embedding) || (names.positions !== undefined && isTrained(names.positions));

/** The whole step in one graph: `hidden` holds the embedded tokens, weights and gradients carry full parameter names. */
export function wholeStepGraph(
  model: Decoder,
  shape: BatchShape,
  { isTrained, accumulating }: GradientOptions,
): OnnxModel {
  const { hidden: width, layers } = model.sizes;
  const { rows, length } = shape;
  const graph = new Graph();
  const embedded = graph.input('hidden', 'f32', [rows * length, width]);
  const segments = graph.input('segments', 'i32', [rows, length]);
  const positions = positionInput(graph, shape);
  const contexts = model.layerKinds.map((kind, i) =>
    contextInputs(graph, kind, shape, { masks: attentionMasks(segments, kind), positions, tables: rotaryNames(i) }),
  );
  const parameters: [string, Tensor][] = [];
  let hidden = embedded;
  for (let layer = 0; layer < layers; layer++) {
    const names = Object.keys(model.blockParameters);
    const full = names.map((name) => [model.blockParameterName(layer, name), model.blockParameters[name]] as const);
    const weights = weightInputs(graph, Object.fromEntries(full));
    parameters.push(...Object.entries(weights).filter(([name]) => isTrained(name)));
    const local = Object.fromEntries(names.map((name, i) => [name, weights[full[i][0]]]));
    const inputFactors = factorInputs(graph, model, shape, layer);
    hidden = model.block(hidden, local, { ...contexts[model.kindOfLayer[layer]], inputFactors }).output;
  }
  const headWeights = outerWeights(graph, model, model.headParameters);
  parameters.push(...trainedOf(headWeights, model.headParameters, isTrained));
  const logits = model.head(hidden, headWeights);
  const losses = crossEntropy(logits, graph.input('labels', 'i32', [rows * length]));
  const upstream = graph.input('label.weights', 'f32', [rows * length]);
  const wrt = [embedded, ...parameters.map(([, weight]) => weight)];
  const [byEmbedded, ...byWeights] = gradients([{ of: losses, upstream }], wrt);
  return toOnnx({
    losses,
    ...(trainsEmbedding(model, isTrained) && { 'd.hidden': byEmbedded! }),
    ...gradientOutputs(graph, parameters, byWeights, accumulating),
  });
}
