/** Masks of self-attention, one for each block of queries; where it is causal, no key block above the diagonal is computed. */
import { add, and, equal, greaterOrEqual, less, where } from '../../graph/ops/elementwise.ts';
import { reshape, slice } from '../../graph/ops/shape.ts';
import type { Tensor } from '../../graph/tensor.ts';

/** Far below any score, and still finite after a score is added. */
const excluded = -1e30;

/** Which queries see which keys of their own segment. */
export interface Sight {
  /** Keys that a query sees at most, itself among them. Default: all up to itself. */
  readonly window?: number;
  /** Whether a query sees the keys behind it too. Default: no. */
  readonly bidirectional?: boolean;
}

/** The blocks of queries of so many tokens; one block where queries see all keys. */
export const blocksOf = (length: number, { bidirectional = false }: Sight, size?: number) =>
  bidirectional ? [{ start: 0, end: length }] : queryBlocks(length, size);

/**
 * Queries per block. Small blocks skip more of the upper triangle, large ones keep the products efficient; measured in
 * bench/attention-blocks.ts.
 */
function queryBlocks(length: number, size = 64): readonly { readonly start: number; readonly end: number }[] {
  const blocks = [];
  for (let start = 0; start < length; start += size) blocks.push({ start, end: Math.min(start + size, length) });
  return blocks;
}

export interface MaskOptions extends Sight {
  /** Queries per block. */
  readonly blockSize?: number;
}

/**
 * Additive masks from segment ids, int32 [rows, length]: a query sees the keys that carry its own id, so packed examples
 * never see each other and no text sees padding; of these those up to itself where attention is causal, and the nearest
 * where there is a window. One mask [rows, 1, 1, queries, keys] for each block of queries.
 */
export function attentionMasks(segments: Tensor, { blockSize, ...sight }: MaskOptions = {}): Tensor[] {
  const [rows, length] = segments.shape;
  const { window, bidirectional = false } = sight;
  return blocksOf(length, sight, blockSize).map(({ start, end }) => {
    const range = (from: number, to: number, shape: readonly number[]) =>
      segments.graph.constant(
        Array.from({ length: to - from }, (_, i) => from + i),
        { dtype: 'i32', shape },
      );
    const [queries, keys] = [range(start, end, [end - start, 1]), range(0, end, [1, end])];
    const past = greaterOrEqual(queries, keys);
    const seen = window === undefined || window >= end ? past : and(past, less(queries, add(keys, window)));
    const ofQueries = reshape(slice(segments, { axis: 1, start, end }), [rows, 1, 1, end - start, 1]);
    const ofKeys = reshape(slice(segments, { axis: 1, start: 0, end }), [rows, 1, 1, 1, end]);
    const own = equal(ofQueries, ofKeys);
    return where(bidirectional ? own : and(own, seen), segments.graph.constant(0), excluded);
  });
}
