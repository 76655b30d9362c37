/** What one task vector adds up to. Sums of parts add up to the sums of the whole. */
import type { DeltaBlock } from './delta-blocks.ts';
import { countMagnitudes, type MagnitudeHistogram } from './magnitude-histogram.ts';
import { countLost, type HalfType } from './rounding-loss.ts';

export interface DeltaSums {
  elements: number;
  /** Of the elements of base, model and delta. */
  baseSquares: number;
  squares: number;
  /** Largest magnitude of the delta. */
  largest: number;
  /** Elements of the delta that are 0, and those of them in tensors that did not change at all. */
  zero: number;
  frozen: number;
  /** Elements of the delta that are not 0 and that vanish when base and model are rounded. */
  lost: Record<HalfType, number>;
}

export const emptyDeltaSums = (): DeltaSums => ({
  elements: 0,
  baseSquares: 0,
  squares: 0,
  largest: 0,
  zero: 0,
  frozen: 0,
  lost: { bf16: 0, f16: 0 },
});

export function addDeltaSums(to: DeltaSums, from: DeltaSums): void {
  to.elements += from.elements;
  to.baseSquares += from.baseSquares;
  to.squares += from.squares;
  to.largest = Math.max(to.largest, from.largest);
  to.zero += from.zero;
  to.frozen += from.frozen;
  to.lost.bf16 += from.lost.bf16;
  to.lost.f16 += from.lost.f16;
}

/** Adds a block's part, for one of its models. */
export async function sumDelta(
  sums: DeltaSums,
  histogram: MagnitudeHistogram,
  block: DeltaBlock,
  model: number,
): Promise<void> {
  const delta = block.deltas[model];
  const { base } = block;
  let [baseSquares, squares, largest, zero] = [0, 0, 0, 0];
  for (let i = 0; i < delta.length; i++) {
    const value = delta[i];
    baseSquares += base[i] * base[i];
    squares += value * value;
    if (value === 0) zero++;
    else largest = Math.max(largest, Math.abs(value));
  }
  countMagnitudes(histogram, delta);
  const lost = await countLost(base, block.weights[model]);
  addDeltaSums(sums, { elements: delta.length, baseSquares, squares, largest, zero, frozen: 0, lost });
}
