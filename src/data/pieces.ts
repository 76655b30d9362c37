/**
 * Documents cut to pieces that fit a row. A piece counts tokens of its document followed by the end token, if there is one:
 * the end token belongs to the document's last piece and is learnt, so that models know where texts stop.
 */

import type { TokenStore } from './token-store.ts';

export interface Piece {
  /** Index of the source in its mixture. */
  readonly source: number;
  readonly document: number;
  /** First token within the document. */
  readonly start: number;
  /** Tokens, the end token included. */
  readonly length: number;
}

/** What happens to a document longer than a row: cut into several pieces, cut off, or left out. All of it is counted. */
export type LongDocuments = 'split' | 'truncate' | 'skip';

/** What did not enter rows as it was. */
export interface PieceCounts {
  documents: number;
  /** Documents longer than a row. */
  long: number;
  /** Pieces after the first, of documents that were split: each has one token without context fewer to learn. */
  extraPieces: number;
  /** Tokens that were cut off or left out with their documents. */
  lostTokens: number;
  /** Documents without a token. */
  empty: number;
}

export function newPieceCounts(): PieceCounts {
  return { documents: 0, long: 0, extraPieces: 0, lostTokens: 0, empty: 0 };
}

export interface PieceOptions {
  /** Tokens of a row. */
  readonly length: number;
  /** Token set after each document; not doubled where the document already ends with it. */
  readonly endId?: number;
  /** Default `split`. */
  readonly long?: LongDocuments;
}

/** The pieces of one document, in order; `counts` is brought up to date. */
export function cutDocument(
  store: TokenStore,
  source: number,
  document: number,
  { length: capacity, endId, long = 'split' }: PieceOptions,
  counts: PieceCounts,
): Piece[] {
  const ids = store.ids(document);
  counts.documents++;
  if (ids.length === 0) {
    counts.empty++;
    return [];
  }
  const ends = endId !== undefined && ids[ids.length - 1] !== endId;
  const total = ids.length + (ends ? 1 : 0);
  if (total <= capacity) return [{ source, document, start: 0, length: total }];
  counts.long++;
  if (long === 'skip') {
    counts.lostTokens += total;
    return [];
  }
  if (long === 'truncate') {
    counts.lostTokens += total - capacity;
    return [{ source, document, start: 0, length: capacity }];
  }
  const pieces: Piece[] = [];
  for (let start = 0; start < total; start += capacity) {
    pieces.push({ source, document, start, length: Math.min(capacity, total - start) });
  }
  counts.extraPieces += pieces.length - 1;
  return pieces;
}
