/**
 * A sparse mixture of experts (Jiang et al. 2024, "Mixtral of Experts", section 2.1): each token is sent to the experts
 * with the highest router logits, and their outputs are added with the softmax of these logits as weights.
 *
 * Tokens times experts of a token is the number of rows that are sent, whoever gets them: every array has a fixed shape, an
 * expert computes only what it is sent, however many that are, and none is left out.
 */
import { cast, mul } from '../../graph/ops/elementwise.ts';
import { gather, oneHot, takeAlong, topIndices } from '../../graph/ops/indexing.ts';
import { softmax } from '../../graph/ops/normalize.ts';
import { sum } from '../../graph/ops/reduce.ts';
import { argsort, combine, dispatch } from '../../graph/ops/routing.ts';
import { reshape, transpose } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import type { RowGroups } from '../decoder.ts';
import type { PartContext, PartResult } from './block.ts';
import type { LayersDescription } from './description.ts';
import { innerActivations } from './feed-forward-layer.ts';
import { everyExpert, groupedName } from './names.ts';

/** x [n, hidden] -> the same shape. */
export function expertLayer(x: Tensor, context: PartContext, description: LayersDescription): PartResult {
  const { block } = description.names;
  const { count, perToken } = description.experts!;
  const logits = context.project(x, block.router!);
  const { chosen, order, places, weights, groups } = routesOf(logits, perToken);
  const experts = everyExpert(block, count);
  const project = (rows: Tensor, projection: string, names: readonly string[]) =>
    context.project(rows, { name: groupedName(block, projection), names, groups });

  const sent = dispatch(x, order, places);
  const layers = block.feedForward.map((projection, i) =>
    project(
      sent,
      projection,
      experts.map(({ feedForward }) => feedForward[i]!),
    ),
  );
  const { inner, keep } = innerActivations(layers, description);
  // Weighted before the last projection, whose output the derivative by the weight then does not need.
  const weighted = mul(inner, weights);
  const output = project(
    weighted,
    block.down,
    experts.map(({ down }) => down),
  );
  return { output: combine(output, order, places), keep: { router: logits, chosen, order, places, ...keep } };
}

/** Which rows are sent to whom; choice j of token t has the number j * n + t, and `choices` is n * perToken. */
interface Routes {
  /** Experts of each token, int32 [n, perToken]. */
  readonly chosen: Tensor;
  /** Choices in the order of their experts, int32 [choices], and the place of each there, int32 [perToken, n]. */
  readonly order: Tensor;
  readonly places: Tensor;
  /** How much the rows count, in this order: [choices, 1]. */
  readonly weights: Tensor;
  /** By expert. */
  readonly groups: RowGroups;
}

/** @param logits of the router, [n, experts] */
function routesOf(logits: Tensor, perToken: number): Routes {
  const [n, experts] = logits.shape;
  const choices = n * perToken;
  const chosen = topIndices(logits, perToken);
  const byNumber = (x: Tensor, shape: readonly number[]) => reshape(transpose(x, [1, 0]), shape);
  const expertOf = byNumber(chosen, [choices]);
  const order = argsort(expertOf);
  const membership = oneHot(gather(expertOf, order), experts);
  return {
    chosen,
    order,
    places: reshape(argsort(order), [perToken, n]),
    weights: gather(byNumber(softmax(takeAlong(logits, chosen, 1)), [choices, 1]), order),
    groups: { sizes: cast(sum(membership, { axes: [0] }), 'i32'), membership },
  };
}
