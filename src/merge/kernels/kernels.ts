/**
 * The loops of merging, each over one piece of a tensor in float32. Two implementations share this interface: WebAssembly
 * SIMD (`bindMergeKernels`) and plain TypeScript (`referenceMergeKernels`), which says what the right answer is.
 *
 * "Magnitude bits" are the bits of a float32 without its sign: as integers they have the order of the magnitudes.
 */
import type { Elements } from './elements.ts';

/** Eight running float64 sums, element i of a tensor going to sum i mod 8; or eight for each of several quantities. */
export type SumLanes = Float64Array;

interface Band {
  /** Magnitude bits of the borders, both inside. */
  readonly low: number;
  readonly high: number;
  /** Elements at `low` that are still to be dropped, and elements at `high` that are still to be kept. */
  readonly quotas: Uint32Array;
}

interface RankedDrop {
  /** Keep probability of the smallest element, and what each rank adds to it. */
  readonly lowest: number;
  readonly step: number;
  /** Whether what is kept is divided by its probability. */
  readonly inverse: boolean;
}

export interface MergeKernels {
  /** target[i] = source[i] * factor */
  setScaled(target: Float32Array, source: Float32Array, factor: number): void;
  /** target[i] += source[i] * factor, product and sum rounded */
  addScaled(target: Float32Array, source: Float32Array, factor: number): void;
  /** The same with product and sum in float64, rounded once. */
  addFused(target: Float32Array, source: Float32Array, factor: number): void;
  /** target[i] -= source[i] */
  subtract(target: Float32Array, source: Float32Array): void;
  /** target[i] /= divisor */
  divide(target: Float32Array, divisor: number): void;
  /** target[i] += (source[i] - centre[i])^2, in float64 */
  addSquaredDistance(target: Float64Array, source: Float32Array, centre: Float32Array): void;
  /** target[i] = mean of the models' elements * t + base[i] * (1 - t); the scratch is for the models and the base. */
  interpolate(target: Float32Array, base: Elements, models: readonly Elements[], t: number, scratch: Uint32Array): void;
  /** The largest magnitude bits; above 0x7f7fffff where an element is infinite or not a number. */
  largestMagnitude(source: Float32Array): number;
  /** The largest bits of half-precision numbers without their sign. */
  largestHalf(source: Uint16Array): number;

  /** lanes[i mod 8] += a[i] * b[i] */
  addProducts(lanes: SumLanes, a: Float32Array, b: Float32Array): void;
  /**
   * The same for all pairs of vectors: eight lanes for 0 with 0, for 1 with 0 and 1, for 2 with 0, 1 and 2, and so on. A centre
   * is subtracted from each vector before, in float32; the products of the first three differences, where there are three, are
   * added up in float32 over 64 elements, lane i mod 4, before they are added in float64, unless their squares lie outside of
   * 2^-100 to 2^120. The scratch is for the vectors and the centre.
   */
  addGram(lanes: SumLanes, vectors: readonly Elements[], scratch: Uint32Array, centre?: Elements): void;
  /** lanes[i mod 8] += |a[i]| */
  addMagnitudes(lanes: SumLanes, a: Float32Array): void;

  /** out[n, m] += a[n, k] b[k, m], row-major, with `columns` = m; sums run from the first term to the last. */
  addProduct(out: Float64Array, a: Float64Array, b: Float64Array, columns: number): void;
  /** out[k, m] += a[n, k]' b[n, m], with `columns` = m. */
  addTransposedProduct(out: Float64Array, a: Float64Array, b: Float64Array, columns: number): void;

  /** Counts the upper 16 of the 31 magnitude bits into 65,536 bins. */
  countMagnitudes(counts: Uint32Array, values: Float32Array): void;
  /** Counts the lower 15 magnitude bits of the elements whose upper 16 are `upper` into 32,768 bins. */
  countMagnitudesWithin(counts: Uint32Array, values: Float32Array, upper: number): void;
  /** Zeroes what is below the threshold, and at it all but the first `quota`. Returns what is left of the quota. */
  keepLargest(values: Float32Array, threshold: number, quota: number): number;
  /** Zeroes what lies outside a band of the ascending order; equal magnitudes stand by index. Lowers the quotas. */
  keepBand(values: Float32Array, band: Band): void;
  /** values[i] = 0 where mask[i] is 0 */
  keepWhere(values: Float32Array, mask: Float32Array): void;

  /** Where delta * weight has the sign of the total (0 counts as positive): adds it to mix, and weight to divisor. */
  addAgreeing(mix: Float32Array, divisor: Float32Array, delta: Float32Array, total: Float32Array, weight: number): void;
  /** mix[i] /= divisor[i] where that is not 0 */
  divideByAgreement(mix: Float32Array, divisor: Float32Array): void;

  /** Philox blocks `firstBlock` and up under a 64-bit key; the length is a multiple of 16. */
  randomWords(target: Uint32Array, firstBlock: number, key: readonly [number, number]): void;
  /** values[i] = 0 where words[i] >= threshold */
  keepBelow(values: Float32Array, words: Uint32Array, threshold: number): void;
  /** Zeroes element i where words[i] / 2^32 >= p, with p = lowest + step * the rank of its magnitude, equal ones by index. */
  keepByRank(values: Float32Array, words: Uint32Array, drop: RankedDrop, scratch: Uint32Array): void;

  /** Takes whole stripes of 32 bytes into the four lanes of XXH64. */
  hashStripes(lanes: BigUint64Array, bytes: Uint8Array): void;
}

/** Length that `scratch` of `keepByRank` needs for rows of `count` elements. */
export function rankScratchLength(count: number): number {
  return 5 * count + 2064;
}

/** Length that the scratch of loops over `sources` sources has: of each a block in float32, and what tells where it is. */
export function sourceScratchLength(sources: number): number {
  return sources * (blockWords + 2 * entryWords);
}

/** As in src/kernels/assembly/merging/sources.ts. */
export const blockWords = 528;
export const entryWords = 2;
