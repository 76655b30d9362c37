/** Every document of a store once, packed as densely as best-fit decreasing can: for evaluation and for counting. */

import { type LayoutOptions, layOut, type PackedBatch } from './packed-batch.ts';
import { packBestFitDecreasing } from './packing.ts';
import { cutStore, type PieceCounts, type PieceOptions } from './pieces.ts';
import type { TokenStore } from './token-store.ts';

export type PackStoreOptions = PieceOptions & LayoutOptions;

export interface PackedStore {
  readonly counts: Readonly<PieceCounts>;
  readonly rows: number;
  /** Tokens that are not padding, over rows * length. */
  readonly fill: number;
  /** The batches in a fixed order; they can be gone through again. */
  batches(): Generator<PackedBatch>;
}

export function packStore(store: TokenStore, options: PackStoreOptions): PackedStore {
  const table = cutStore(store, 0, options);
  const lengths = Int32Array.from({ length: table.size }, (_, index) => table.piece(index).length);
  const { items, rowStarts } = packBestFitDecreasing(lengths, options.length);
  const rows = rowStarts.length - 1;
  const row = (r: number) => Array.from(items.subarray(rowStarts[r], rowStarts[r + 1]), (item) => table.piece(item));
  return {
    counts: table.counts,
    rows,
    fill: rows === 0 ? 0 : table.tokens / (rows * options.length),
    *batches() {
      for (let first = 0; first < rows; first += options.rows) {
        const count = Math.min(options.rows, rows - first);
        const batch = Array.from({ length: count }, (_, i) => row(first + i));
        yield layOut(batch, [store], options);
      }
    },
  };
}
