/**
 * Documents cut to pieces that fit a row. A piece counts tokens of its document followed by the end token, if there is one:
 * the end token belongs to the document's last piece and is learnt, so that models know where texts stop. Pieces, not
 * documents, are what is shuffled: of a filing of sixty pieces, hardly two come into one batch.
 */

import type { TokenStore } from './token-store.ts';

export interface Piece {
  /** Index of the source in its mixture. */
  readonly source: number;
  /** Place in the source's table. */
  readonly index: number;
  readonly document: number;
  /** First token within the document. */
  readonly start: number;
  /** Tokens, the end token included. */
  readonly length: number;
  /** Pieces that its document was cut to. */
  readonly parts: number;
}

/** What happens to a document longer than a row: cut into several pieces, cut off, or left out. All of it is counted. */
export type LongDocuments = 'split' | 'truncate' | 'skip';

/** What did not enter rows as it was. */
export interface PieceCounts {
  documents: number;
  /** Documents longer than a row. */
  long: number;
  /** Pieces after the first, of documents that were split: the first token of each has no context to be learnt from. */
  extraPieces: number;
  /** Tokens that were cut off or left out with their documents. */
  lostTokens: number;
  /** Documents without a token. */
  empty: number;
}

export interface PieceOptions {
  /** Tokens of a row. */
  readonly length: number;
  /** Token set after each document; not doubled where the document already ends with it. */
  readonly endId?: number;
  /** Default `split`. */
  readonly long?: LongDocuments;
}

/** All pieces of a store, in the order of documents and of their tokens. */
export interface PieceTable {
  readonly size: number;
  readonly tokens: number;
  readonly counts: Readonly<PieceCounts>;
  piece(index: number): Piece;
}

export function cutStore(store: TokenStore, source: number, options: PieceOptions): PieceTable {
  const { length: capacity, endId, long = 'split' } = options;
  const counts: PieceCounts = { documents: store.documents, long: 0, extraPieces: 0, lostTokens: 0, empty: 0 };
  const documents: number[] = [];
  const starts: number[] = [];
  /** Tokens of each document that has pieces, as far as they are in pieces. */
  const totals: number[] = [];
  let tokens = 0;

  for (let document = 0; document < store.documents; document++) {
    const ids = store.ids(document);
    if (ids.length === 0) {
      counts.empty++;
      continue;
    }
    const ends = endId !== undefined && ids[ids.length - 1] !== endId;
    const whole = ids.length + (ends ? 1 : 0);
    if (whole > capacity) counts.long++;
    const kept = whole <= capacity || long === 'split' ? whole : long === 'truncate' ? capacity : 0;
    counts.lostTokens += whole - kept;
    tokens += kept;
    for (let start = 0; start < kept; start += capacity) {
      if (start > 0) counts.extraPieces++;
      documents.push(document);
      starts.push(start);
      totals.push(kept);
    }
  }

  const [documentOf, startOf, totalOf] = [documents, starts, totals].map((list) => Int32Array.from(list));
  return {
    size: documentOf.length,
    tokens,
    counts,
    piece(index) {
      if (!(index >= 0 && index < documentOf.length)) throw new Error(`piece ${index} of ${documentOf.length}`);
      const start = startOf[index];
      const total = totalOf[index];
      const length = Math.min(capacity, total - start);
      return { source, index, document: documentOf[index], start, length, parts: Math.ceil(total / capacity) };
    },
  };
}
