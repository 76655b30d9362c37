/**
 * A sparse mixture of experts (Jiang et al. 2024, "Mixtral of Experts", section 2.1): each token is sent to the experts
 * with the highest router logits, and their outputs are added with the softmax of these logits as weights.
 *
 * Graphs have fixed shapes, so every expert reads every token, and those that a token was not sent to count with weight
 * 0: exact, and as dear as a dense layer of all experts.
 */
import { add, greaterOrEqual, mul, where } from '../../graph/ops/elementwise.ts';
import { oneHot, topIndices } from '../../graph/ops/indexing.ts';
import { softmax } from '../../graph/ops/normalize.ts';
import { sum } from '../../graph/ops/reduce.ts';
import { slice } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { PartContext, PartResult } from './block.ts';
import type { LayersDescription } from './description.ts';
import { innerActivations } from './feed-forward-layer.ts';
import { expertNames } from './names.ts';

/** x [n, hidden] -> the same shape. */
export function expertLayer(x: Tensor, context: PartContext, description: LayersDescription): PartResult {
  const { block } = description.names;
  const { count, perToken } = description.experts!;
  const logits = context.project(x, block.router!);
  const weights = routingWeights(logits, perToken);
  const keep: Record<string, Tensor> = { router: logits };
  const outputs = Array.from({ length: count }, (_, expert) => {
    const names = expertNames(block, expert);
    const { inner, keep: ofExpert } = innerActivations(x, names, context, description);
    for (const [name, value] of Object.entries(ofExpert)) keep[`experts.${expert}.${name}`] = value;
    // Weighted before the last projection, whose output the derivative by the weight then does not need.
    const weight = slice(weights, { axis: 1, start: expert, end: expert + 1 });
    return context.project(mul(inner, weight), names.down);
  });
  return { output: outputs.reduce(add), keep };
}

/** Router logits [n, experts] -> weights of the same shape: a softmax over the `perToken` largest, 0 for the others. */
function routingWeights(logits: Tensor, perToken: number): Tensor {
  const experts = logits.shape[1];
  const chosen = sum(oneHot(topIndices(logits, perToken), experts), { axes: [1] });
  return softmax(where(greaterOrEqual(chosen, 1), logits, -1e30));
}
