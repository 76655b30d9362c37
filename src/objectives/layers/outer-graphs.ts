/** What reads or makes hidden states with parameters outside the blocks: last norms, heads. Names of values are those of `graphs.ts`. */
import { gradients } from '../../graph/backward.ts';
import { Graph } from '../../graph/graph.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { BlockWeights, ParameterSpec } from '../../models/decoder.ts';
import { type GradientOptions, gradientOutputs, type IsTrained, weightInputs } from './graphs.ts';
import type { LocalNames } from './parameter-buffers.ts';

export interface OuterModel {
  readonly sizes: { readonly hidden: number };
  readonly parameters: readonly Pick<ParameterSpec, 'name' | 'shape'>[];
}

export interface OuterInputs {
  readonly graph: Graph;
  /** [count, hidden]. */
  readonly hidden: Tensor;
  /** By local names. */
  readonly weights: BlockWeights;
}

export function outerWeights(graph: Graph, { parameters }: Pick<OuterModel, 'parameters'>, names: LocalNames) {
  const shapes = new Map(parameters.map(({ name, shape }) => [name, shape]));
  const named = Object.entries(names).map(([local, name]) => [local, shapes.get(name)!] as const);
  return weightInputs(graph, Object.fromEntries(named));
}

export function outerInputs(model: OuterModel, names: LocalNames, count: number): OuterInputs {
  const graph = new Graph();
  const hidden = graph.input('hidden', 'f32', [count, model.sizes.hidden]);
  return { graph, hidden, weights: outerWeights(graph, model, names) };
}

/** The weights that are trained, with their local names. */
export const trainedOf = (weights: BlockWeights, names: LocalNames, isTrained: IsTrained): [string, Tensor][] =>
  Object.entries(weights).filter(([local]) => isTrained(names[local]));

/** Derivatives by the hidden states and by what is trained of the weights. */
export function outerGradients(
  { graph, hidden, weights }: OuterInputs,
  names: LocalNames,
  seed: { readonly of: Tensor; readonly upstream: Tensor },
  { isTrained, accumulating }: GradientOptions,
): Record<string, Tensor> {
  const parameters = trainedOf(weights, names, isTrained);
  const [byHidden, ...byWeights] = gradients([seed], [hidden, ...parameters.map(([, weight]) => weight)]);
  return { 'd.hidden': byHidden!, ...gradientOutputs(graph, parameters, byWeights, accumulating) };
}
