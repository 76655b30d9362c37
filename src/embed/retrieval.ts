/** How well vectors find, by the rank of each query's own document among all. */
import { ndcg } from '../eval/metrics/ndcg.ts';

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
