/**
 * How large the elements of a vector are, without sorting or keeping them: counts by the upper 16 of a float32's 31
 * magnitude bits (8 of exponent, 8 of fraction), so a magnitude is known to within 1/256 of itself.
 */

const bins = 2 ** 16;
const lowerBits = 15;

/** Elements by bin, in ascending order of magnitude. */
export type MagnitudeHistogram = Float64Array;

export const emptyHistogram = (): MagnitudeHistogram => new Float64Array(bins);

export function countMagnitudes(histogram: MagnitudeHistogram, values: Float32Array): void {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  for (let i = 0; i < bits.length; i++) histogram[(bits[i] & 0x7fffffff) >>> lowerBits]++;
}

/** The smallest magnitude that a bin holds. */
function lowerEdge(bin: number): number {
  return new Float32Array(Uint32Array.of(bin << lowerBits).buffer)[0];
}

const magnitudeBits = (magnitude: number): number => new Uint32Array(Float32Array.of(magnitude).buffer)[0];

export interface TopSet {
  /** Elements of at least this magnitude belong to the set: never 0. */
  readonly threshold: number;
  readonly count: number;
}

/**
 * The `share` largest of all elements. As many as that or, because a bin is taken whole, a few more; fewer where the rest
 * is 0.
 * @param total elements in the histogram
 * @param nonzero how many elements are not 0
 */
export function topSet(histogram: MagnitudeHistogram, share: number, total: number, nonzero: number): TopSet {
  const wanted = Math.ceil(share * total);
  let count = 0;
  for (let bin = bins - 1; bin > 0; bin--) {
    count += histogram[bin];
    if (count >= wanted) return { threshold: lowerEdge(bin), count };
  }
  // The lowest bin holds the zeros too, which are in no set.
  return { threshold: Number.MIN_VALUE, count: nonzero };
}

/** The magnitude below which a share of all elements lies, to within 1/256 of itself; 0 of nothing. */
export function magnitudeQuantile(histogram: MagnitudeHistogram, share: number): number {
  const total = histogram.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (let bin = 0; bin < bins; bin++) {
    below += histogram[bin];
    if (below > 0 && below >= share * total) return lowerEdge(bin);
  }
  return 0;
}

/** Elements whose magnitude is above a limit, to within the bin that holds it. */
export function countAbove(histogram: MagnitudeHistogram, limit: number): number {
  const first = Math.floor(magnitudeBits(limit) / 2 ** lowerBits) + 1;
  let count = 0;
  for (let bin = first; bin < bins; bin++) count += histogram[bin];
  return count;
}
