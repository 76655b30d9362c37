/**
 * Graphs of a model's layers: masks, block forward, block backward. Value names are the contract with `layer-stack.ts`:
 *
 *   hidden, output     hidden states [rows * length, hidden] into and out of a block
 *   keep.<name>        what the forward segment keeps for the backward segment
 *   w.<parameter>      a weight; d.<parameter> its gradient; a.<parameter> the gradient so far, where one accumulates
 *   d.output, d.hidden derivatives of the loss by a block's output and input
 *   factors.<module>   what a linear layer's input is multiplied with; the number of the layer before the module where one
 *                      graph has several
 */
import { gradients } from '../../graph/backward.ts';
import { Graph } from '../../graph/graph.ts';
import { add } from '../../graph/ops/elementwise.ts';
import { accumulate } from '../../graph/ops/linear.ts';
import type { Shape, Tensor } from '../../graph/tensor.ts';
import type { BlockContext, BlockWeights, LayerKind, Layers } from '../../models/decoder.ts';
import { attentionMasks, blocksOf, type Sight } from '../../models/layers/attention-masks.ts';
import { type OnnxModel, toOnnx } from '../../onnx/model-proto.ts';

export interface BatchShape {
  readonly rows: number;
  readonly length: number;
}

/** Names of the mask values, one for each block of queries. */
export const maskNames = (length: number, sight: Sight): string[] => blocksOf(length, sight).map((_, i) => `mask.${i}`);

/** Segment ids, int32 [rows, length] -> the additive masks of all query blocks, for layers of one kind. */
export function maskGraph({ rows, length }: BatchShape, { window, bidirectional }: LayerKind): OnnxModel {
  const segments = new Graph().input('segments', 'i32', [rows, length]);
  const sight = { window, bidirectional };
  const masks = attentionMasks(segments, sight);
  return toOnnx(Object.fromEntries(maskNames(length, sight).map((name, i) => [name, masks[i]])));
}

/** Names of the rotary tables of a kind of layers, in a graph that has layers of several. */
export const rotaryNames = (kind: number) => ({ cos: `cos.${kind}`, sin: `sin.${kind}` });

/** Name of the factors of a linear layer's input. @param layer in a graph of several layers */
export const factorsName = (module: string, layer?: number): string =>
  layer === undefined ? `factors.${module}` : `factors.${layer}.${module}`;

/** By linear layer; none without dropout. */
export function factorInputs(
  graph: Graph,
  { inputDropout }: Pick<Layers, 'inputDropout'>,
  { rows, length }: BatchShape,
  layer?: number,
): NonNullable<BlockContext['inputFactors']> {
  const widths = Object.entries(inputDropout?.widths ?? {});
  return Object.fromEntries(
    widths.map(([module, width]) => [module, graph.input(factorsName(module, layer), 'f32', [rows * length, width])]),
  );
}

interface ContextOptions {
  readonly masks: readonly Tensor[];
  readonly positions: Tensor;
  /** Names of the rotary tables. Default: `cos` and `sin`. */
  readonly tables?: { readonly cos: string; readonly sin: string };
}

export function contextInputs(
  graph: Graph,
  { rotaryWidth }: LayerKind,
  { rows, length }: BatchShape,
  { masks, positions, tables = { cos: 'cos', sin: 'sin' } }: ContextOptions,
): BlockContext {
  const rotary = (name: string) => (rotaryWidth > 0 ? graph.input(name, 'f32', [length, rotaryWidth / 2]) : undefined);
  return { rows, length, positions, masks, cos: rotary(tables.cos), sin: rotary(tables.sin) };
}

export const positionInput = (graph: Graph, { rows, length }: BatchShape): Tensor =>
  graph.input('positions', 'i32', [rows, length]);

const maskInputs = (graph: Graph, { rows, length }: BatchShape, sight: Sight): Tensor[] =>
  blocksOf(length, sight).map(({ start, end }, i) => graph.input(`mask.${i}`, 'f32', [rows, 1, 1, end - start, end]));

export function weightInputs(graph: Graph, shapes: Readonly<Record<string, Shape>>, prefix = ''): BlockWeights {
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
export function gradientOutputs(
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

function blockInputs(model: Layers, shape: BatchShape, { training }: { readonly training: boolean }) {
  const graph = new Graph();
  const hidden = graph.input('hidden', 'f32', [shape.rows * shape.length, model.sizes.hidden]);
  const weights = weightInputs(graph, model.blockParameters);
  // Segments serve the layers of all kinds, whose rotary tables have one shape.
  const [kind] = model.layerKinds;
  const context = contextInputs(graph, kind, shape, {
    masks: maskInputs(graph, shape, kind),
    positions: positionInput(graph, shape),
  });
  const inputFactors = training ? factorInputs(graph, model, shape) : undefined;
  return { graph, hidden, weights, ...model.block(hidden, weights, { ...context, inputFactors }) };
}

/** The block of a model that is only asked: nothing is kept, and nothing left out at random. */
export const blockGraph = (model: Layers, shape: BatchShape): OnnxModel =>
  toOnnx({ output: blockInputs(model, shape, { training: false }).output });

/** The block as it is trained, with what its backward segment is given. */
export function blockForwardGraph(model: Layers, shape: BatchShape, keep: Keep): OnnxModel {
  const { output, keep: values } = blockInputs(model, shape, { training: true });
  const kept = keep === 'activations' ? Object.entries(values) : [];
  return toOnnx({ output, ...Object.fromEntries(kept.map(([name, value]) => [`keep.${name}`, value])) });
}

/** Runs the block's forward again, except for what was kept, and then backwards. All layers train the same parameters. */
export function blockBackwardGraph(
  model: Layers,
  shape: BatchShape,
  keep: Keep,
  { isTrained, accumulating }: GradientOptions,
): OnnxModel {
  const { graph, hidden, weights, output, keep: values } = blockInputs(model, shape, { training: true });
  const upstream = graph.input('d.output', 'f32', output.shape);
  const parameters = Object.entries(weights).filter(([name]) => isTrained(model.blockParameterName(0, name)));
  const wrt = [hidden, ...parameters.map(([, weight]) => weight)];
  const [byHidden, ...byWeights] = gradients([{ of: output, upstream }], wrt);
  const outputs = { 'd.hidden': byHidden!, ...gradientOutputs(graph, parameters, byWeights, accumulating) };
  const kept = keep === 'activations' ? Object.entries(values) : [];
  return toOnnx(outputs, new Map(kept.map(([name, value]) => [value, `keep.${name}`])));
}
