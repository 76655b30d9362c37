/** Documents cut to pieces that fit a row, each a document of its own: examples that can be counted, drawn and mixed. */
import { createHash } from 'node:crypto';
import { cutStore } from './pieces.ts';
import type { TokenStore } from './token-store.ts';

export interface PieceStoreOptions {
  /** Most tokens of a piece. */
  readonly length: number;
  /** Ends the last piece of each document, so that models know where texts stop. */
  readonly endId?: number;
}

export function pieceStore(store: TokenStore, { length, endId }: PieceStoreOptions): TokenStore {
  const table = cutStore(store, 0, { length, endId });
  return {
    documents: table.size,
    hash: createHash('sha256')
      .update(JSON.stringify(['pieces', store.hash, length, endId]))
      .digest('hex'),
    length: (piece) => table.piece(piece).length,
    ids(piece) {
      const { document, start, length: tokens } = table.piece(piece);
      const ids = store.ids(document).subarray(start, start + tokens);
      if (ids.length === tokens || endId === undefined) return ids;
      // One token more than the document has: its end.
      const ended = new Int32Array(tokens).fill(endId);
      ended.set(ids);
      return ended;
    },
    trained: store.trained && ((piece) => marksOf(table.piece(piece), store)),
  };
}

function marksOf(
  { document, start, length }: { readonly document: number; readonly start: number; readonly length: number },
  store: TokenStore,
): Uint8Array | undefined {
  const marks = store.trained?.(document)?.subarray(start, start + length);
  if (marks === undefined || marks.length === length) return marks;
  const ended = new Uint8Array(length).fill(1);
  ended.set(marks);
  return ended;
}
