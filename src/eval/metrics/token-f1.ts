import { countTokens, sharedCount, squadTokens } from './answer-tokens.ts';

/**
 * F1 of the tokens of an answer and of the reference that it shares most with, as SQuAD scores (Rajpurkar et al. 2016). Two
 * texts without tokens are equal; one without is not.
 */
export function tokenF1(prediction: string, references: readonly string[]): number {
  const predicted = squadTokens(prediction);
  return Math.max(0, ...references.map((reference) => f1OfTokens(predicted, squadTokens(reference))));
}

function f1OfTokens(predicted: readonly string[], reference: readonly string[]): number {
  if (predicted.length === 0 || reference.length === 0) return predicted.length === reference.length ? 1 : 0;
  return (2 * sharedCount(countTokens(predicted), countTokens(reference))) / (predicted.length + reference.length);
}
