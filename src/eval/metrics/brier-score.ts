/**
 * `brier_score` of one item: squared distance between the probabilities of the options and certainty of the right one,
 * in [0, 2] (Brier 1950). Its mean over items is the metric; lower is better.
 * @param probabilities sum to one, [options]
 */
export function brierScore(probabilities: readonly number[], gold: number): number {
  if (!(gold in probabilities)) throw new Error(`option ${gold} of ${probabilities.length}`);
  return probabilities.reduce((sum, probability, i) => sum + (probability - (i === gold ? 1 : 0)) ** 2, 0);
}
