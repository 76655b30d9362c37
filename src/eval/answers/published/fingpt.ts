/** How FinGPT scores answers, described anew, to measure what a score owes to its scorer. Not for results. */

/** "positive" anywhere, else "negative" anywhere, else neutral. */
export function fingptSentiment(answer: string): 'positive' | 'negative' | 'neutral' {
  const lower = answer.toLowerCase();
  if (lower.includes('positive')) return 'positive';
  return lower.includes('negative') ? 'negative' : 'neutral';
}

/**
 * ConvFinQA: a number of at least two characters, without its sign, where any character may stand for the point; rows
 * without one are dropped.
 */
export function fingptNumber(answer: string): number | undefined {
  const found = /\d+.?\d+/.exec(answer)?.[0];
  return found === undefined ? undefined : Number.parseFloat(found);
}
