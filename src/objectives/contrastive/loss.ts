/**
 * InfoNCE (van den Oord et al. 2018) over the documents of a batch, as E5 and BGE are trained: with s = cos(q, d) / t,
 *
 *     L_i = -log  e^s(q_i, d_i) / sum over documents j that are allowed for i of e^s(q_i, d_j)
 *
 * where the documents are the positives of all queries and, behind them, hard negatives of any of them. Names of values:
 *
 *   queries, documents   vectors [queries, width], [documents, width], of any length; d.queries, d.documents
 *   excluded             what is added to each similarity, [queries, documents]: 0, or far below any where it is left out
 *   upstream             derivative by each loss; losses [queries]
 */
import { gradients } from '../../graph/backward.ts';
import { Graph } from '../../graph/graph.ts';
import { add, equal, less, sub, where } from '../../graph/ops/elementwise.ts';
import { takeAlong } from '../../graph/ops/indexing.ts';
import { matmul } from '../../graph/ops/linear.ts';
import { crossEntropy } from '../../graph/ops/loss.ts';
import { l2Normalize } from '../../graph/ops/normalize.ts';
import { reshape, slice } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';
import { type OnnxModel, toOnnx } from '../../onnx/model-proto.ts';

export interface ContrastiveOptions {
  /** What cosines are divided by: the smaller, the more the hardest negatives count. */
  readonly temperature: number;
  /**
   * Numbers of a vector that are compared by themselves, each with a loss of its own that is added (Kusupati et al. 2022,
   * "Matryoshka Representation Learning"). Default: all.
   */
  readonly widths?: readonly number[];
  /**
   * Documents whose cosine is above that of the own document less this margin are left out, as they may be answers too.
   * Default: none are.
   */
  readonly falseNegativeMargin?: number;
}

export interface ContrastiveShape {
  readonly queries: number;
  /** Positives of the queries in their order, and hard negatives behind them. */
  readonly documents: number;
  readonly width: number;
}

/** Far below any similarity, and still finite after one is added. */
export const leftOut = -1e30;

/** Losses [queries] of vectors [queries, width] and [documents, width]. */
export function contrastiveLosses(
  queries: Tensor,
  documents: Tensor,
  excluded: Tensor,
  { temperature, widths = [queries.shape[1]], falseNegativeMargin }: ContrastiveOptions,
): Tensor {
  const labels = ordinals(queries);
  const losses = widths.map((width) => {
    const [q, d] = [queries, documents].map((x) => l2Normalize(slice(x, { axis: 1, start: 0, end: width })));
    const cosines = matmul(q, d, { transB: true });
    const scaled = add(matmul(q, d, { transB: true, alpha: 1 / temperature }), excluded);
    const kept = falseNegativeMargin === undefined ? scaled : withoutNear(scaled, cosines, falseNegativeMargin);
    return crossEntropy(kept, labels);
  });
  return losses.reduce(add);
}

/** 0, 1, 2, ...: the place of each query's document. */
const ordinals = ({ graph, shape: [count] }: Tensor): Tensor =>
  graph.constant(
    Array.from({ length: count }, (_, i) => i),
    { dtype: 'i32' },
  );

/** Leaves out what is nearer than the own document less a margin. No gradient flows through the choice. */
function withoutNear(scaled: Tensor, cosines: Tensor, margin: number): Tensor {
  const { graph } = cosines;
  const [queries, documents] = cosines.shape;
  const labels = reshape(ordinals(cosines), [queries, 1]);
  const places = graph.constant(
    Array.from({ length: documents }, (_, i) => i),
    { dtype: 'i32', shape: [1, documents] },
  );
  const isNear = less(sub(takeAlong(cosines, labels, 1), margin), cosines);
  return where(equal(labels, places), scaled, where(isNear, leftOut, scaled));
}

export function contrastiveGraph(
  { queries, documents, width }: ContrastiveShape,
  options: ContrastiveOptions,
): OnnxModel {
  const graph = new Graph();
  const q = graph.input('queries', 'f32', [queries, width]);
  const d = graph.input('documents', 'f32', [documents, width]);
  const losses = contrastiveLosses(q, d, graph.input('excluded', 'f32', [queries, documents]), options);
  const seed = { of: losses, upstream: graph.input('upstream', 'f32', [queries]) };
  const [byQueries, byDocuments] = gradients([seed], [q, d]);
  return toOnnx({ losses, 'd.queries': byQueries!, 'd.documents': byDocuments! });
}
