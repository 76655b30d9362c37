/**
 * The graphs of next-token training beside those of the layers: head with loss, and the whole step as one graph for tiny
 * models. Names of values are those of `../layers/graphs.ts`.
 */
import { gradients } from '../../graph/backward.ts';
import { Graph } from '../../graph/graph.ts';
import { crossEntropy } from '../../graph/ops/loss.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { BlockWeights, Decoder } from '../../models/decoder.ts';
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

interface HeadInputs {
  readonly graph: Graph;
  readonly hidden: Tensor;
  readonly weights: BlockWeights;
  readonly logits: Tensor;
}

/** The head's weights by its own names for them. */
function headWeights(graph: Graph, { headParameters, parameters }: Decoder): BlockWeights {
  const shapes = new Map(parameters.map(({ name, shape }) => [name, shape]));
  const named = Object.entries(headParameters).map(([local, name]) => [local, shapes.get(name)!] as const);
  return weightInputs(graph, Object.fromEntries(named));
}

function headInputs(model: Decoder, count: number): HeadInputs {
  const graph = new Graph();
  const hidden = graph.input('hidden', 'f32', [count, model.sizes.hidden]);
  const weights = headWeights(graph, model);
  return { graph, hidden, weights, logits: model.head(hidden, weights) };
}

/** The head's parameters that are trained, by its own names for them. */
const trainedInHead = ({ headParameters }: Decoder, isTrained: IsTrained, weights: BlockWeights) =>
  Object.entries(weights).filter(([local]) => isTrained(headParameters[local]));

/** Negative log-likelihoods of `count` labels and the gradients of their weighted sum. */
export function headLossGraph(model: Decoder, count: number, { isTrained, accumulating }: GradientOptions): OnnxModel {
  const { graph, hidden, weights, logits } = headInputs(model, count);
  const losses = crossEntropy(logits, graph.input('labels', 'i32', [count]));
  const upstream = graph.input('label.weights', 'f32', [count]);
  const parameters = trainedInHead(model, isTrained, weights);
  const wrt = [hidden, ...parameters.map(([, weight]) => weight)];
  const [byHidden, ...byWeights] = gradients([{ of: losses, upstream }], wrt);
  return toOnnx({ losses, 'd.hidden': byHidden!, ...gradientOutputs(graph, parameters, byWeights, accumulating) });
}

/** Negative log-likelihoods of `count` labels. */
export function headScoreGraph(model: Decoder, count: number): OnnxModel {
  const { graph, logits } = headInputs(model, count);
  return toOnnx({ losses: crossEntropy(logits, graph.input('labels', 'i32', [count])) });
}

export const headLogitsGraph = (model: Decoder, count: number): OnnxModel =>
  toOnnx({ logits: headInputs(model, count).logits });

/** Whether a table that tokens are embedded with is trained. */
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
  const outside = headWeights(graph, model);
  parameters.push(...trainedInHead(model, isTrained, outside));
  const logits = model.head(hidden, outside);
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
