import type { ClusterNames } from './clusters.ts';

/** Scores of one model on each item, in the order of the items; null where the item failed. */
export type Scores = readonly (number | null)[];

export interface PairedDifferences {
  /** Second minus first, of the items that both models answered. */
  readonly differences: Float64Array;
  /** Of these items, where clusters were given. */
  readonly clusters: ClusterNames | undefined;
  /** Items that either model failed on. They compare nothing and are not counted against anyone. */
  readonly missing: number;
}

/** Differences between two models on the same items. */
export function pairedDifferences(first: Scores, second: Scores, clusters?: ClusterNames): PairedDifferences {
  if (first.length !== second.length) throw new Error(`${first.length} and ${second.length} scores are not pairs`);
  if (clusters !== undefined && clusters.length !== first.length) {
    throw new Error(`${clusters.length} cluster names for ${first.length} items`);
  }
  const differences: number[] = [];
  const kept: (string | null | undefined)[] = [];
  first.forEach((a, i) => {
    const b = second[i];
    if (a === null || b === null) return;
    differences.push(b - a);
    kept.push(clusters?.[i]);
  });
  return {
    differences: Float64Array.from(differences),
    clusters: clusters && kept,
    missing: first.length - differences.length,
  };
}
