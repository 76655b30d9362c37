/**
 * Normalized discounted cumulative gain of one ranking (Järvelin and Kekäläinen 2002): Σ gain / log2(rank + 1) over the first
 * `k` ranks, divided by the same of the best ranking. Null where nothing is relevant, so that no ranking is better.
 * @param ranked gain of each result, best-ranked first, at least 0
 * @param options `k`: default all. `all`: gains of everything that might have been found; default what was ranked
 */
export function ndcg(
  ranked: readonly number[],
  { k = Number.POSITIVE_INFINITY, all = ranked }: { readonly k?: number; readonly all?: readonly number[] } = {},
): number | null {
  const best = discounted(
    [...all].sort((a, b) => b - a),
    k,
  );
  return best > 0 ? discounted(ranked, k) / best : null;
}

function discounted(gains: readonly number[], k: number): number {
  let sum = 0;
  for (let rank = 1; rank <= Math.min(k, gains.length); rank++) sum += gains[rank - 1] / Math.log2(rank + 1);
  return sum;
}
