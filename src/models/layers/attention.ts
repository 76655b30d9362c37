/** Causal self-attention with grouped queries, in blocks of queries: no key block above the diagonal is computed. */
import { add, and, equal, greaterOrEqual, where } from '../../graph/ops/elementwise.ts';
import { matmul } from '../../graph/ops/linear.ts';
import { softmax } from '../../graph/ops/normalize.ts';
import { concat, reshape, slice, transpose } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';

export interface AttentionShape {
  readonly rows: number;
  readonly length: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly headSize: number;
}

/** Far below any score, and still finite after a score is added. */
const excluded = -1e30;

/**
 * Queries per block. Small blocks skip more of the upper triangle, large ones keep the products efficient; measured in
 * bench/attention-blocks.ts.
 */
export function queryBlocks(length: number, size = 128): readonly { readonly start: number; readonly end: number }[] {
  const blocks = [];
  for (let start = 0; start < length; start += size) blocks.push({ start, end: Math.min(start + size, length) });
  return blocks;
}

/**
 * Additive masks from segment ids, int32 [rows, length]: a query sees the keys up to itself that carry its own id, so
 * packed examples never see each other. One mask [rows, 1, 1, queries, keys] for each block of queries.
 */
export function attentionMasks(segments: Tensor): Tensor[] {
  const [rows, length] = segments.shape;
  return queryBlocks(length).map(({ start, end }) => {
    const range = (from: number, to: number, shape: readonly number[]) =>
      segments.graph.constant(
        Array.from({ length: to - from }, (_, i) => from + i),
        { dtype: 'i32', shape },
      );
    const causal = greaterOrEqual(range(start, end, [end - start, 1]), range(0, end, [1, end]));
    const ofQueries = reshape(slice(segments, { axis: 1, start, end }), [rows, 1, 1, end - start, 1]);
    const ofKeys = reshape(slice(segments, { axis: 1, start: 0, end }), [rows, 1, 1, 1, end]);
    return where(and(equal(ofQueries, ofKeys), causal), segments.graph.constant(0), excluded);
  });
}

/**
 * softmax(q k' / sqrt(size) + mask) v for q [rows, length, heads * size] and k, v [rows, length, kvHeads * size], both
 * already rotated. Queries that share a key head are stacked as rows of one product, so keys are never repeated.
 * Returns [rows * length, heads * size].
 */
export function attention(q: Tensor, k: Tensor, v: Tensor, masks: readonly Tensor[], shape: AttentionShape): Tensor {
  const { rows, length, heads, keyValueHeads, headSize } = shape;
  const group = heads / keyValueHeads;
  const queries = transpose(reshape(q, [rows, length, keyValueHeads, group, headSize]), [0, 2, 3, 1, 4]);
  const keys = transpose(reshape(k, [rows, length, keyValueHeads, headSize]), [0, 2, 1, 3]);
  const values = transpose(reshape(v, [rows, length, keyValueHeads, headSize]), [0, 2, 1, 3]);
  const blocks = queryBlocks(length).map(({ start, end }, i) => {
    const stacked = [rows, keyValueHeads, group * (end - start), headSize];
    const block = reshape(slice(queries, { axis: 3, start, end }), stacked);
    const seen = slice(keys, { axis: 2, start: 0, end });
    const scores = matmul(block, seen, { transB: true, alpha: 1 / Math.sqrt(headSize) });
    const grouped = reshape(scores, [rows, keyValueHeads, group, end - start, end]);
    const weights = reshape(softmax(add(grouped, masks[i])), scores.shape);
    const mixed = matmul(weights, slice(values, { axis: 2, start: 0, end }));
    return reshape(mixed, [rows, keyValueHeads, group, end - start, headSize]);
  });
  const merged = transpose(concat(blocks, 3), [0, 3, 1, 2, 4]);
  return reshape(merged, [rows * length, heads * headSize]);
}
