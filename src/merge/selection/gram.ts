/**
 * Inner products of whole tensors in one pass: enough for every method that combines models linearly. Sums are in float64, those
 * of deltas over stretches of float32 sums (see `addGram`): a delta is known no better than that.
 */
import type { Elements } from '../kernels/elements.ts';
import { type SumLanes, sourceScratchLength } from '../kernels/kernels.ts';
import type { StoredPiece, TensorStream } from '../stream/tensor-stream.ts';

/** Symmetric, by row and column. */
export type GramMatrix = readonly (readonly number[])[];

interface GramOptions {
  /** Subtract the base from every vector before. */
  readonly deltas?: boolean;
}

/**
 * @param vectors the vectors of a piece; as many in each
 * @returns entry [i][j] is the inner product of vectors i and j over the whole tensor
 */
export function gramMatrix(
  tensor: Pick<TensorStream, 'readStored' | 'lanes' | 'counts' | 'kernels'>,
  count: number,
  vectors: (piece: StoredPiece) => readonly Elements[],
  { deltas = false }: GramOptions = {},
): GramMatrix {
  const lanes = tensor.lanes((count * (count + 1)) / 2);
  const scratch = tensor.counts(sourceScratchLength(count + 1));
  tensor.readStored((piece) => {
    tensor.kernels.addGram(lanes, vectors(piece), scratch, deltas ? piece.base : undefined);
  });
  return gramOf(lanes, count);
}

/** What `addGram` has summed up for `count` vectors. */
export function gramOf(lanes: SumLanes, count: number): GramMatrix {
  const indices = Array.from({ length: count }, (_, i) => i);
  return indices.map((i) => indices.map((j) => entry(lanes, Math.max(i, j), Math.min(i, j))));
}

/** Of the lower triangle, whose rows lie one after the other. */
function entry(lanes: SumLanes, row: number, column: number): number {
  const first = 4 * row * (row + 1) + 8 * column;
  return lanes.subarray(first, first + 8).reduce((sum, lane) => sum + lane, 0);
}
