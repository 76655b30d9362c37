/** What an embedding model learns to find: a query, the document that answers it, and documents that only seem to. */
export interface Pair {
  readonly query: string;
  readonly positive: string;
  readonly negatives: readonly string[];
}
