/** Inner products of whole tensors, in float64, in one pass: enough for every method that combines models linearly. */
import type { Piece, ReadOptions, TensorStream } from '../stream/tensor-stream.ts';

/** Symmetric, by row and column. */
export type GramMatrix = readonly (readonly number[])[];

/**
 * @param vectors the vectors of a piece; as many in each
 * @returns entry [i][j] is the inner product of vectors i and j over the whole tensor
 */
export function gramMatrix(
  tensor: Pick<TensorStream, 'read' | 'lanes' | 'kernels'>,
  count: number,
  vectors: (piece: Piece) => readonly Float32Array[],
  options?: ReadOptions,
): GramMatrix {
  const lanes = Array.from({ length: count }, (_, i) => Array.from({ length: i + 1 }, () => tensor.lanes()));
  tensor.read((piece) => {
    const values = vectors(piece);
    for (const [i, row] of lanes.entries()) {
      for (const [j, sum] of row.entries()) tensor.kernels.addProducts(sum, values[i], values[j]);
    }
  }, options);
  const entry = (i: number, j: number): number =>
    lanes[Math.max(i, j)][Math.min(i, j)].reduce((sum, lane) => sum + lane, 0);
  return lanes.map((_, i) => lanes.map((_, j) => entry(i, j)));
}
