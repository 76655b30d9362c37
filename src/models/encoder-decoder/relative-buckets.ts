/** Distances between query and key in few buckets (Raffel et al. 2020, section 2.1; Shaw et al. 2018). */

export interface BucketRule {
  readonly buckets: number;
  /** From this distance on all are in one bucket. */
  readonly maxDistance: number;
  /** Half of the buckets are for keys behind the query. Without, those are all in the first. */
  readonly bidirectional: boolean;
}

/**
 * Half of a direction's buckets hold one distance each, the others logarithmically more, up to `maxDistance`. Computed in
 * float32 as by the programs that checkpoints come from, because borders fall on whole numbers.
 * @param distance key - query
 */
export function relativeBucket(distance: number, { buckets, maxDistance, bidirectional }: BucketRule): number {
  const count = bidirectional ? Math.floor(buckets / 2) : buckets;
  const first = bidirectional && distance > 0 ? count : 0;
  const steps = bidirectional ? Math.abs(distance) : Math.max(0, -distance);
  const exact = Math.floor(count / 2);
  if (steps < exact) return first + steps;
  const { fround, log } = Math;
  const share = fround(fround(log(fround(steps / exact))) / fround(log(maxDistance / exact)));
  return first + Math.min(count - 1, exact + Math.trunc(fround(share * (count - exact))));
}
