/**
 * Exact order statistics of magnitudes without sorting. The 31 magnitude bits of a float32 are counted in two passes over the
 * tensor: the upper 16 of every element, then the lower 15 of those elements whose upper bits hold a rank that was asked for.
 * Memory is that of the counts, whatever the size of the tensor, and ties are resolved by the index of the elements.
 */
import type { StreamKernels } from '../stream/workspace.ts';

export const lowerBins = 2 ** 15;
export const upperBins = 2 ** 16;

export interface OrderStatistic {
  /** Magnitude bits of the element at the rank. */
  readonly bits: number;
  /** How many elements are smaller, and how many have these bits exactly. */
  readonly below: number;
  readonly equal: number;
}

/** Gives all values whose order is wanted, piece by piece, with the number of the sequence that they belong to. */
export type ValuePass = (visit: (sequence: number, values: Float32Array) => void) => void;

export interface CountingMemory {
  readonly kernels: StreamKernels;
  counts(length: number): Uint32Array;
}

export interface SequenceCounts {
  readonly total: number;
  /** Elements that are exactly 0. */
  readonly zeros: number;
}

/**
 * The elements at some ranks (from 0, ascending) of several sequences at once.
 * @param ranksOf the ranks that are wanted of a sequence, each below its total
 * @param pass goes over all values; called twice, with the same values each time
 */
export function magnitudeOrder(
  sequences: number,
  ranksOf: (counts: SequenceCounts, sequence: number) => readonly number[],
  pass: ValuePass,
  memory: CountingMemory,
): readonly (readonly OrderStatistic[])[] {
  const { kernels } = memory;
  const upper = Array.from({ length: sequences }, () => memory.counts(upperBins));
  const smallest = upper.map(() => memory.counts(lowerBins));
  pass((sequence, values) => {
    kernels.countMagnitudes(upper[sequence], values);
    kernels.countMagnitudesWithin(smallest[sequence], values, 0);
  });
  const places = upper.map((counts, sequence) => {
    const total = counts.reduce((sum, count) => sum + count, 0);
    return ranksOf({ total, zeros: smallest[sequence][0] }, sequence).map((rank) => findBin(counts, rank));
  });
  const lower = places.map((list) => new Map(list.map(({ bin }) => [bin, memory.counts(lowerBins)])));
  if (places.some((list) => list.length > 0)) {
    pass((sequence, values) => {
      for (const [bin, counts] of lower[sequence]) kernels.countMagnitudesWithin(counts, values, bin);
    });
  }
  return places.map((list, sequence) =>
    list.map(({ bin, below, rank }) => {
      const counts = lower[sequence].get(bin)!;
      const within = findBin(counts, rank - below);
      return { bits: bin * lowerBins + within.bin, below: below + within.below, equal: counts[within.bin] };
    }),
  );
}

interface BinOfRank {
  readonly rank: number;
  readonly bin: number;
  /** Elements in the bins before it. */
  readonly below: number;
}

/** The bin that holds the element of a rank, counting from 0 in ascending order. */
export function findBin(counts: ArrayLike<number>, rank: number): BinOfRank {
  let below = 0;
  for (let bin = 0; bin < counts.length; bin++) {
    if (below + counts[bin] > rank) return { rank, bin, below };
    below += counts[bin];
  }
  throw new Error(`There is no rank ${rank} among ${below} elements.`);
}

/** Where the k largest begin: everything above `threshold`, and the first `quota` elements at it. */
export interface TopThreshold {
  readonly threshold: number;
  readonly quota: number;
}

/** The threshold of the `kept` largest of `total` elements, from the statistic at rank `total - kept`. */
export function topThreshold({ bits, below, equal }: OrderStatistic, total: number, kept: number): TopThreshold {
  const above = total - below - equal;
  return { threshold: bits, quota: kept - above };
}
