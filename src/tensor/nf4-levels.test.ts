import { expect, it } from 'vitest';
import { erfOf } from '../graph/ops/elementwise.ts';
import { nearestLevel, nf4Levels } from './nf4-levels.ts';

/** The quantile function of the normal distribution, by bisection. */
function normalQuantile(probability: number): number {
  let [low, high] = [-10, 10];
  for (let i = 0; i < 80; i++) {
    const middle = (low + high) / 2;
    if ((1 + erfOf(middle / Math.SQRT2)) / 2 < probability) low = middle;
    else high = middle;
  }
  return low;
}

it('are the quantiles that the paper makes them of', () => {
  // Evenly spaced probabilities from 0.5 up to a half of the way between the last quantile and 1, as bitsandbytes takes it.
  const last = 0.9677083;
  const side = (count: number) =>
    Array.from({ length: count }, (_, i) => normalQuantile(0.5 + ((last - 0.5) * (i + 1)) / count));
  const greatest = normalQuantile(last);
  const expected = [
    ...side(7)
      .map((x) => -x)
      .reverse(),
    0,
    ...side(8),
  ].map((x) => x / greatest);
  expected.forEach((level, i) => {
    expect(nf4Levels[i]).toBeCloseTo(level, 5);
  });
});

it('the nearest is found for every value', () => {
  for (let value = -1.05; value < 1.05; value += 0.0007) {
    const distances = [...nf4Levels].map((level) => Math.abs(level - value));
    expect(nearestLevel(value)).toBe(distances.indexOf(Math.min(...distances)));
  }
  nf4Levels.forEach((level, i) => {
    expect(nearestLevel(level)).toBe(i);
  });
});
