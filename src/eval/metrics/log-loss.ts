/**
 * Log loss of one item in nats: -ln of the right option's probability, which counts as at least 2^-52 (as in scikit-learn):
 * one item alone cannot make a mean infinite. Its mean over items is the metric; lower is better.
 * @param probabilities sum to one, [options]
 */
export function logLoss(probabilities: readonly number[], gold: number): number {
  if (!(gold in probabilities)) throw new Error(`option ${gold} of ${probabilities.length}`);
  return -Math.log(Math.max(probabilities[gold], Number.EPSILON));
}
