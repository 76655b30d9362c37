/** Tokenised documents by index: what packing and streaming need to know of a corpus. */

import { createHash } from 'node:crypto';

export type TokenArray = Uint16Array | Int32Array;

export interface TokenStore {
  readonly documents: number;
  /** SHA-256 of the content; a run resumes only on the same content. */
  readonly hash: string;
  /** Tokens of a document. */
  length(document: number): number;
  /** Its ids, as a view that must not be written to. */
  ids(document: number): TokenArray;
  /** For each id, 1 where it is a target to learn and 0 where it is only context; absent: all are learnt. */
  trained?(document: number): Uint8Array | undefined;
}

export interface TokenDocument {
  readonly ids: Int32Array;
  /** As in `TokenStore.trained`, of the same length as `ids`. */
  readonly trained?: Uint8Array;
}

/** A store of documents held in memory, such as rendered conversations with their masks. */
export function memoryStore(documents: readonly TokenDocument[]): TokenStore {
  const digest = createHash('sha256');
  for (const [index, { ids, trained }] of documents.entries()) {
    if (trained !== undefined && trained.length !== ids.length) {
      throw new Error(`document ${index}: ${trained.length} marks for ${ids.length} ids`);
    }
    digest.update(Int32Array.of(ids.length, trained === undefined ? 0 : 1)).update(ids);
    if (trained !== undefined) digest.update(trained);
  }
  return {
    documents: documents.length,
    hash: digest.digest('hex'),
    length: (document) => documents[document].ids.length,
    ids: (document) => documents[document].ids,
    trained: (document) => documents[document].trained,
  };
}

/** Some of a store's documents, renumbered from 0: a split, a sample. */
export function subStore(store: TokenStore, documents: Int32Array): TokenStore {
  return {
    documents: documents.length,
    hash: createHash('sha256').update(store.hash).update(documents).digest('hex'),
    length: (document) => store.length(documents[document]),
    ids: (document) => store.ids(documents[document]),
    trained: store.trained && ((document) => store.trained?.(documents[document])),
  };
}
