/** What costs nothing to reach. A score says little without it: 60% is chance where 60% of the items have one label. */

export interface MajorityBaseline {
  /** The most frequent label, the first to appear among equals. */
  readonly label: string;
  readonly accuracy: number;
}

/** Always the most frequent label; undefined without items. */
export function majorityBaseline(golds: readonly string[]): MajorityBaseline | undefined {
  const counts = new Map<string, number>();
  for (const gold of golds) counts.set(gold, (counts.get(gold) ?? 0) + 1);
  let best: MajorityBaseline | undefined;
  for (const [label, count] of counts) {
    const accuracy = count / golds.length;
    if (best === undefined || accuracy > best.accuracy) best = { label, accuracy };
  }
  return best;
}

/** Expected accuracy of picking an option at random; items may have different numbers of options, and several right ones. */
export function randomBaseline(items: readonly { readonly options: number; readonly right?: number }[]): number {
  return items.reduce((sum, { options, right = 1 }) => sum + right / options, 0) / items.length;
}
