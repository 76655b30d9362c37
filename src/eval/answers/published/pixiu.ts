/**
 * How PIXIU (Xie et al., NeurIPS 2023) scores answers: described anew, with its pitfalls, to measure what a score owes to
 * its scorer. Not for results.
 */

/** The first label in the order of the list that occurs anywhere in the answer, whatever the case. */
export function pixiuLabel(answer: string, labels: readonly string[]): string | 'missing' {
  const lower = answer.toLowerCase();
  return labels.find((label) => lower.includes(label.toLowerCase())) ?? 'missing';
}

/** Headlines: everything that is not exactly "Yes" is "No". */
export const pixiuHeadline = (answer: string): 'Yes' | 'No' => (answer.trim() === 'Yes' ? 'Yes' : 'No');

/** FinQA, TAT-QA and ConvFinQA: equal strings or nothing. */
export const pixiuExactMatch = (answer: string, gold: string): boolean => answer.trim() === gold.trim();

/** Targeted sentiment: the first number without its sign, within [-1, 1]; no number drops the row. */
export function pixiuSentimentScore(answer: string): number | undefined {
  const digits = /\d+(?:\.\d+)?/.exec(answer)?.[0];
  return digits === undefined ? undefined : Math.min(1, Math.max(-1, Number(digits)));
}

/** Stock movement: what names neither direction is a fall. */
export function pixiuMovement(answer: string): 'rise' | 'fall' {
  const lower = answer.toLowerCase();
  return ['rise', 'up', 'increase', 'yes', 'positive'].some((word) => lower.includes(word)) ? 'rise' : 'fall';
}

/** Credit: what does not say "bad" is good. */
export const pixiuCredit = (answer: string): 'good' | 'bad' => (answer.toLowerCase().includes('bad') ? 'bad' : 'good');
