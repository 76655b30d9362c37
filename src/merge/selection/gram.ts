/** Inner products of whole tensors, in float64, in one pass: enough for every method that combines models linearly. */
import type { SumLanes } from '../kernels/kernels.ts';
import type { Piece, ReadOptions, TensorStream } from '../stream/tensor-stream.ts';

/** Symmetric, by row and column. */
export type GramMatrix = readonly (readonly number[])[];

/**
 * @param vectors the vectors of a piece; as many in each
 * @returns entry [i][j] is the inner product of vectors i and j over the whole tensor
 */
export function gramMatrix(
  tensor: Pick<TensorStream, 'read' | 'lanes' | 'counts' | 'kernels'>,
  count: number,
  vectors: (piece: Piece) => readonly Float32Array[],
  options?: ReadOptions,
): GramMatrix {
  const lanes = tensor.lanes((count * (count + 1)) / 2);
  const table = tensor.counts(count);
  tensor.read((piece) => tensor.kernels.addGram(lanes, vectors(piece), table), options);
  const indices = Array.from({ length: count }, (_, i) => i);
  return indices.map((i) => indices.map((j) => entry(lanes, Math.max(i, j), Math.min(i, j))));
}

/** Of the lower triangle, whose rows lie one after the other. */
function entry(lanes: SumLanes, row: number, column: number): number {
  const first = 4 * row * (row + 1) + 8 * column;
  return lanes.subarray(first, first + 8).reduce((sum, lane) => sum + lane, 0);
}
