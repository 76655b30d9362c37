/**
 * The graphs of next-token training: masks, block forward, block backward, head with loss, and all of them as one graph
 * for tiny models. Value names are the contract with `program.ts`:
 *
 *   hidden, output     hidden states [rows * length, hidden] into and out of a block
 *   keep.<name>        what the forward segment keeps for the backward segment
 *   w.<parameter>      a weight; d.<parameter> its gradient; a.<parameter> the gradient so far, where one accumulates
 *   d.output, d.hidden derivatives of the loss by a block's output and input
 */
import { gradients } from '../../graph/backward.ts';
import { Graph } from '../../graph/graph.ts';
import { add } from '../../graph/ops/elementwise.ts';
import { accumulate } from '../../graph/ops/linear.ts';
import { crossEntropy } from '../../graph/ops/loss.ts';
import type { Shape, Tensor } from '../../graph/tensor.ts';
import type { BlockContext, BlockWeights, Decoder, LayerKind } from '../../models/decoder.ts';
import { attentionMasks, queryBlocks } from '../../models/layers/attention-masks.ts';
import { type OnnxModel, toOnnx } from '../../onnx/model-proto.ts';

export interface BatchShape {
  readonly rows: number;
  readonly length: number;
}

/** Names of the mask values, one for each block of queries. */
export const maskNames = (length: number): string[] => queryBlocks(length).map((_, i) => `mask.${i}`);

/** Segment ids, int32 [rows, length] -> the additive masks of all query blocks, for layers of one kind. */
export function maskGraph({ rows, length }: BatchShape, { window }: Pick<LayerKind, 'window'>): OnnxModel {
  const segments = new Graph().input('segments', 'i32', [rows, length]);
  const masks = attentionMasks(segments, { window });
  return toOnnx(Object.fromEntries(maskNames(length).map((name, i) => [name, masks[i]])));
}

/** Names of the rotary tables of a kind of layers, in a graph that has layers of several. */
export const rotaryNames = (kind: number) => ({ cos: `cos.${kind}`, sin: `sin.${kind}` });

interface ContextOptions {
  readonly masks: readonly Tensor[];
  readonly positions: Tensor;
  /** Names of the rotary tables. Default: `cos` and `sin`. */
  readonly tables?: { readonly cos: string; readonly sin: string };
}

function contextInputs(
  graph: Graph,
  { rotaryWidth }: LayerKind,
  { rows, length }: BatchShape,
  { masks, positions, tables = { cos: 'cos', sin: 'sin' } }: ContextOptions,
): BlockContext {
  const rotary = (name: string) => (rotaryWidth > 0 ? graph.input(name, 'f32', [length, rotaryWidth / 2]) : undefined);
  return { rows, length, positions, masks, cos: rotary(tables.cos), sin: rotary(tables.sin) };
}

const positionInput = (graph: Graph, { rows, length }: BatchShape): Tensor =>
  graph.input('positions', 'i32', [rows, length]);

const maskInputs = (graph: Graph, { rows, length }: BatchShape): Tensor[] =>
  queryBlocks(length).map(({ start, end }, i) => graph.input(`mask.${i}`, 'f32', [rows, 1, 1, end - start, end]));

function weightInputs(graph: Graph, shapes: Readonly<Record<string, Shape>>, prefix = ''): BlockWeights {
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, graph.input(`w.${prefix}${name}`, 'f32', shape)]),
  );
}

/** Whether a parameter, by its checkpoint name, has a gradient. Those that have none are inputs like any other. */
export type IsTrained = (name: string) => boolean;

/** What a backward graph computes beside the derivative by its hidden states. */
export interface GradientOptions {
  readonly isTrained: IsTrained;
  /** Add to the gradients that are there. */
  readonly accumulating: boolean;
}

/** Gradients under `d.`, added to what is already there (`a.`) where they accumulate. */
function gradientOutputs(
  graph: Graph,
  parameters: readonly (readonly [string, Tensor])[],
  derivatives: readonly (Tensor | undefined)[],
  accumulating: boolean,
): Record<string, Tensor> {
  return Object.fromEntries(
    parameters.map(([name, weight], i) => {
      const derivative = derivatives[i];
      if (!derivative) throw new Error(`no gradient reaches ${name}`);
      if (!accumulating) return [`d.${name}`, derivative];
      return [`d.${name}`, accumulate(graph.input(`a.${name}`, 'f32', weight.shape), derivative, add)];
    }),
  );
}

/** What the backward segment of a block is given: the values its forward kept, or only the block's input. */
export type Keep = 'activations' | 'inputs';

function blockInputs(model: Decoder, shape: BatchShape) {
  const graph = new Graph();
  const hidden = graph.input('hidden', 'f32', [shape.rows * shape.length, model.sizes.hidden]);
  const weights = weightInputs(graph, model.blockParameters);
  // Segments serve the layers of all kinds, whose rotary tables have one shape.
  const [kind] = model.layerKinds;
  const context = contextInputs(graph, kind, shape, {
    masks: maskInputs(graph, shape),
    positions: positionInput(graph, shape),
  });
  return { graph, hidden, weights, ...model.block(hidden, weights, context) };
}

export function blockForwardGraph(model: Decoder, shape: BatchShape, keep: Keep): OnnxModel {
  const { output, keep: values } = blockInputs(model, shape);
  const kept = keep === 'activations' ? Object.entries(values) : [];
  return toOnnx({ output, ...Object.fromEntries(kept.map(([name, value]) => [`keep.${name}`, value])) });
}

/** Runs the block's forward again, except for what was kept, and then backwards. All layers train the same parameters. */
export function blockBackwardGraph(
  model: Decoder,
  shape: BatchShape,
  keep: Keep,
  { isTrained, accumulating }: GradientOptions,
): OnnxModel {
  const { graph, hidden, weights, output, keep: values } = blockInputs(model, shape);
  const upstream = graph.input('d.output', 'f32', output.shape);
  const parameters = Object.entries(weights).filter(([name]) => isTrained(model.blockParameterName(0, name)));
  const wrt = [hidden, ...parameters.map(([, weight]) => weight)];
  const [byHidden, ...byWeights] = gradients([{ of: output, upstream }], wrt);
  const outputs = { 'd.hidden': byHidden!, ...gradientOutputs(graph, parameters, byWeights, accumulating) };
  const kept = keep === 'activations' ? Object.entries(values) : [];
  return toOnnx(outputs, new Map(kept.map(([name, value]) => [value, `keep.${name}`])));
}

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
    hidden = model.block(hidden, local, contexts[model.kindOfLayer[layer]]).output;
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
