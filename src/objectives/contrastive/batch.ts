/** What a step of contrastive training compares, as token ids. */
export interface ContrastiveBatch {
  readonly queries: readonly Int32Array[];
  /** A document for each query in its place, and hard negatives of any of them behind. */
  readonly documents: readonly Int32Array[];
  /** Queries: what the loss of a step is divided by. */
  readonly labelCount: number;
  readonly tokens: number;
  /** Queries and documents. */
  readonly examples: number;
}
