/**
 * Figures of how well vectors find the held-out documents of a set of pairs, under the names of MTEB; the first is what
 * stages are judged by.
 */
export const retrievalMetrics = (set: string) => [`ndcg_at_10/${set}`, `mrr/${set}`] as const;
