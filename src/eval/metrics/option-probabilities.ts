/**
 * Probabilities of options from their log-probabilities: each one's share among the options, softmax in nats. Null, as for
 * a failed item, without a finite one.
 */
export function optionProbabilities(logProbabilities: readonly number[]): number[] | null {
  const largest = Math.max(...logProbabilities);
  if (!Number.isFinite(largest)) return null;
  const weights = logProbabilities.map((value) => Math.exp(value - largest));
  const total = weights.reduce((a, b) => a + b, 0);
  return weights.map((weight) => weight / total);
}
