/** Attention with terms that are added to its scores, which are not scaled: T5 has the factor in its first weights. */
import { add } from '../../graph/ops/elementwise.ts';
import { matmul } from '../../graph/ops/linear.ts';
import { softmax } from '../../graph/ops/normalize.ts';
import { reshape, transpose } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';

interface HeadShape {
  readonly rows: number;
  readonly heads: number;
}

/** [rows * length, heads * size] -> [rows, heads, length, size] */
export function splitHeads(x: Tensor, { rows, heads }: HeadShape): Tensor {
  const [tokens, width] = x.shape;
  return transpose(reshape(x, [rows, tokens / rows, heads, width / heads]), [0, 2, 1, 3]);
}

/** [rows, heads, length, size] -> [rows * length, heads * size] */
export function joinHeads(x: Tensor): Tensor {
  const [rows, heads, length, size] = x.shape;
  return reshape(transpose(x, [0, 2, 1, 3]), [rows * length, heads * size]);
}

/** Scores of queries and keys with their terms, [rows, heads, queries, keys]; terms are broadcast. */
export const scoresOf = (queries: Tensor, keys: Tensor, terms: readonly Tensor[]): Tensor =>
  terms.reduce((sum, term) => add(sum, term), matmul(queries, keys, { transB: true }));

/** Queries, keys and values [rows, heads, length, size], of other lengths for keys and values -> the queries' shape. */
export const attend = (queries: Tensor, keys: Tensor, values: Tensor, terms: readonly Tensor[]): Tensor =>
  matmul(softmax(scoresOf(queries, keys, terms)), values);
