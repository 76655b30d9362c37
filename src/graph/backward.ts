/**
 * Reverse-mode differentiation of a graph: for each node from the last to the first, the operator's gradient rule
 * turns the derivative by the node into derivatives by its inputs, and contributions of several users are added.
 * Gradients are nodes of the same graph, so they share what the forward pass computed.
 */
import { GraphError, liveNodes } from './graph.ts';
import { add } from './ops/elementwise.ts';
import { joinNeighbours } from './ops/shape.ts';
import { formatType, sameShape, type Tensor } from './tensor.ts';

/** An output to start from and the derivative of the loss by it. */
export interface Seed {
  readonly of: Tensor;
  readonly upstream: Tensor;
}

/**
 * Derivatives by each tensor of `wrt`. Undefined where nothing flows: the seeds do not depend on it, or only through
 * operators that pass no gradient (comparisons, indices, `stopGradient`).
 */
export function gradients(seeds: readonly Seed[], wrt: readonly Tensor[]): (Tensor | undefined)[] {
  const targets = new Set(wrt);
  const live = liveNodes(seeds.map((seed) => seed.of));
  // Only nodes between the targets and the seeds take part: no gradient is built for constants or frozen inputs.
  const relevant = new Set<Tensor>();
  for (const node of live) {
    const passes = node.operator.gradient !== 'none' && node.inputs.some((input) => relevant.has(input));
    if (targets.has(node) || passes) relevant.add(node);
  }
  const upstreams = new Map<Tensor, Tensor>();
  const contribute = (node: Tensor, gradient: Tensor) => {
    if (!sameShape(node.shape, gradient.shape)) {
      throw new GraphError(
        `the gradient of ${node.operator.name} is ${formatType(gradient)}, its value ${formatType(node)}`,
      );
    }
    const previous = upstreams.get(node);
    upstreams.set(node, previous ? (joinNeighbours(previous, gradient) ?? add(previous, gradient)) : gradient);
  };
  for (const { of, upstream } of seeds) contribute(of, upstream);
  for (const node of live.reverse()) {
    const upstream = upstreams.get(node);
    const rule = node.operator.gradient;
    if (!upstream || rule === 'none' || !node.inputs.some((input) => relevant.has(input))) continue;
    const parts = rule({ inputs: node.inputs, output: node, attributes: node.attributes, upstream });
    node.inputs.forEach((input, i) => {
      const part = parts[i];
      if (part && relevant.has(input)) contribute(input, part);
    });
  }
  return wrt.map((tensor) => upstreams.get(tensor));
}
