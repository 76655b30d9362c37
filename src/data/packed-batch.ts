/**
 * The batch that training reads: rows of pieces laid end to end. Segments are part of its type because attention, positions
 * and labels must never cross from one document into another.
 *
 *     ids        7 3 9 E 4 E 0 0      E: end token
 *     segments   1 1 1 1 2 2 0 0      0: padding
 *     positions  0 1 2 3 0 1 0 0
 *     labels     3 9 E . E . . .      .: -1, nothing to predict
 */

import type { Piece } from './pieces.ts';
import type { TokenStore } from './token-store.ts';

export interface PackedBatch {
  /** [rows, length] */
  readonly ids: Int32Array;
  /** [rows, length]; the row's pieces are 1, 2, ...; padding is 0. */
  readonly segments: Int32Array;
  /** [rows, length]; from 0 in each segment. */
  readonly positions: Int32Array;
  /** [rows, length]; the id that follows in the same segment, or -1 where there is none or it is not to be learnt. */
  readonly labels: Int32Array;
  /** Labels that are not -1: what the loss of the step is divided by. */
  readonly labelCount: number;
  readonly rows: number;
  readonly length: number;
  /** Tokens that are not padding. */
  readonly tokens: number;
  /** Pieces. With packing this, not `rows`, is the number of examples that a step averages over. */
  readonly examples: number;
}

export const IGNORED = -1;

export interface LayoutOptions {
  /** Rows of the batch; where fewer are given, the rest is padding, so that shapes stay the same. */
  readonly rows: number;
  readonly length: number;
  readonly endId?: number;
  /** Id at padding, which is neither attended to nor learnt. Default: the end token, else 0. */
  readonly padId?: number;
}

/** Lays rows of pieces out as a batch. The pieces of a row must not be longer than `length` together. */
export function layOut(
  rowsOfPieces: readonly (readonly Piece[])[],
  stores: readonly TokenStore[],
  { rows, length, endId, padId = endId ?? 0 }: LayoutOptions,
): PackedBatch {
  if (rowsOfPieces.length > rows) throw new Error(`${rowsOfPieces.length} rows of pieces in a batch of ${rows}`);
  const size = rows * length;
  const ids = new Int32Array(size).fill(padId);
  const segments = new Int32Array(size);
  const positions = new Int32Array(size);
  const labels = new Int32Array(size).fill(IGNORED);
  let labelCount = 0;
  let tokens = 0;
  let examples = 0;

  for (const [row, pieces] of rowsOfPieces.entries()) {
    let at = row * length;
    for (const [index, piece] of pieces.entries()) {
      const end = at + piece.length;
      if (end > (row + 1) * length) throw new Error(`the pieces of row ${row} are longer than ${length}`);
      const store = stores[piece.source];
      const marks = store.trained?.(piece.document);
      copyPiece(ids, at, store, piece, endId);
      segments.fill(index + 1, at, end);
      for (let i = at; i < end; i++) positions[i] = i - at;
      for (let i = at; i < end - 1; i++) {
        // The end token has no mark of its own: it is learnt.
        if (marks !== undefined && marks[piece.start + i - at + 1] === 0) continue;
        labels[i] = ids[i + 1];
        labelCount++;
      }
      at = end;
      tokens += piece.length;
      examples++;
    }
  }
  return { ids, segments, positions, labels, labelCount, rows, length, tokens, examples };
}

function copyPiece(ids: Int32Array, at: number, store: TokenStore, { document, start, length }: Piece, endId?: number) {
  const all = store.ids(document);
  const own = all.subarray(start, start + length);
  ids.set(own, at);
  if (own.length === length) return;
  if (own.length < length - 1 || endId === undefined) throw new Error(`document ${document} is shorter than its piece`);
  ids[at + own.length] = endId;
}
