/**
 * Items that share a document are not independent: a model that misreads the page misses all of its questions. Errors and
 * resamples therefore go by cluster, and an item without one is a cluster of its own.
 */

/** Names a cluster for each item; null or undefined leaves the item by itself. */
export type ClusterNames = readonly (string | null | undefined)[];

export interface Clusters {
  readonly count: number;
  /** The cluster of each item, [items], in the order in which clusters appear. */
  readonly of: Uint32Array;
}

/** Clusters of `items` items. */
export function clustersOf(items: number, names?: ClusterNames): Clusters {
  if (names === undefined) return { count: items, of: Uint32Array.from({ length: items }, (_, i) => i) };
  if (names.length !== items) throw new Error(`${names.length} cluster names for ${items} items`);
  const known = new Map<string, number>();
  let count = 0;
  const of = Uint32Array.from(names, (name) => {
    if (name === null || name === undefined) return count++;
    const index = known.get(name) ?? count++;
    known.set(name, index);
    return index;
  });
  return { count, of };
}

/** Sums of values over the items of each cluster, [clusters]. */
export function clusterSums(values: ArrayLike<number>, { count, of }: Clusters): Float64Array {
  const sums = new Float64Array(count);
  for (let i = 0; i < of.length; i++) sums[of[i]] += values[i];
  return sums;
}
