/** How well vectors find: for each query, where its own document comes among all. */
import { setImmediate } from 'node:timers/promises';
import { ndcg } from '../eval/metrics/ndcg.ts';
import { dot, normalizeVector } from './vectors.ts';

export interface RetrievalScores {
  /** Share of queries whose document comes first. */
  readonly accuracy: number;
  /** Mean of nDCG over the first ten; with one document for each query, of 1 / log2(1 + its rank). */
  readonly ndcg10: number;
  /** Mean of 1 / rank. */
  readonly mrr: number;
}

/** nDCG over the first ten, with one document to find: 1 / log2(1 + its rank), or 0 behind them. */
export const ndcg10Of = (rank: number): number =>
  ndcg([...new Array<number>(Math.min(rank, 11) - 1).fill(0), 1], { k: 10 }) ?? 0;

/** The scores of the ranks that queries' own documents have, from 1. */
export function scoresOfRanks(ranks: readonly number[]): RetrievalScores {
  const mean = (value: (rank: number) => number) => ranks.reduce((sum, rank) => sum + value(rank), 0) / ranks.length;
  return {
    accuracy: mean((rank) => (rank === 1 ? 1 : 0)),
    ndcg10: mean(ndcg10Of),
    mrr: mean((rank) => 1 / rank),
  };
}

/**
 * The rank of each query's own document, by cosine. A document as near as the own one comes before it, so that vectors
 * that are all alike find nothing.
 * @param documents one for each query, in their order, and others behind; equal texts must have equal names
 * @param names of the documents: one of the same name as a query's own counts as its own
 */
export async function ranksOfOwn(
  queries: readonly Float32Array[],
  documents: readonly Float32Array[],
  names: readonly string[],
  signal?: AbortSignal,
): Promise<number[]> {
  const normed = (vectors: readonly Float32Array[]) => vectors.map((vector) => normalizeVector(vector.slice()));
  const [q, d] = [normed(queries), normed(documents)];
  const ranks: number[] = [];
  for (const [i, query] of q.entries()) {
    // Lets a signal arrive: of many documents the work is long.
    await setImmediate();
    signal?.throwIfAborted();
    const own = dot(query, d[i]);
    // Equal texts are one document; a cosine that is no number is not below any.
    const nearer = new Set(names.filter((name, j) => name !== names[i] && !(dot(query, d[j]) < own)));
    ranks.push(nearer.size + 1);
  }
  return ranks;
}
