/**
 * How FinLoRA (arXiv 2505.19819) scores answers, described anew, to measure what a score owes to its scorer. Not for
 * results.
 */

/** The label whose string occurs first anywhere in the answer, whatever the case; numbers too. */
export function finloraLabel(answer: string, labels: readonly string[]): string | undefined {
  const lower = answer.toLowerCase();
  const places = labels
    .map((label) => ({ label, index: lower.indexOf(label.toLowerCase()) }))
    .filter(({ index }) => index >= 0);
  return places.length === 0 ? undefined : places.reduce((a, b) => (b.index < a.index ? b : a)).label;
}

/**
 * Its F1, weighted by gold labels: a right answer counts as its label, a wrong one as its raw text, which is no label.
 * So no class ever has a false positive, every precision is 1, and for accuracy a in all classes the result is 2a / (1 + a).
 */
export function finloraWeightedF1(items: readonly { readonly gold: string; readonly isRight: boolean }[]): number {
  const classes = new Map<string, { count: number; right: number }>();
  for (const { gold, isRight } of items) {
    const entry = classes.get(gold) ?? { count: 0, right: 0 };
    classes.set(gold, { count: entry.count + 1, right: entry.right + Number(isRight) });
  }
  let sum = 0;
  for (const { count, right } of classes.values()) sum += count * ((2 * right) / (count + right));
  return sum / items.length;
}
