import { describe, expect, it } from 'vitest';
import { answered, meanValue, ratioValue, resampledValue } from './metric-value.ts';

describe('a mean of items', () => {
  it('is over those answered, and counts those that failed', () => {
    expect(meanValue([1, null, 0, 1, null])).toEqual({
      value: expect.closeTo(2 / 3, 14),
      // Sample variance 1/3, of three.
      stderr: expect.closeTo(1 / 3, 14),
      n: 3,
      missing: 2,
    });
  });

  it('drops the clusters of failed items with them', () => {
    const whole = meanValue([1, 0, 1, 1], { clusters: ['a', 'a', 'b', 'c'] });
    const withFailures = meanValue([1, null, 0, 1, 1], { clusters: ['a', 'z', 'a', 'b', 'c'] });
    expect(withFailures).toEqual({ ...whole, missing: 1 });
    expect(() => meanValue([1, null], { clusters: ['a'] })).toThrow('1 cluster names for 2 items');
  });

  it('is null without answers, its error with one', () => {
    expect(meanValue([null, null])).toEqual({ value: null, stderr: null, n: 0, missing: 2 });
    expect(meanValue([])).toEqual({ value: null, stderr: null, n: 0, missing: 0 });
    expect(meanValue([0.5])).toEqual({ value: 0.5, stderr: null, n: 1, missing: 0 });
  });
});

describe('other values', () => {
  const kept = answered([1, null, 3]);

  it('divide sums, or are null where there is nothing to divide by', () => {
    expect(
      ratioValue(
        kept,
        (x) => x,
        (x) => 2 * x,
      ),
    ).toEqual({ value: 0.5, stderr: 0, n: 2, missing: 1 });
    expect(
      ratioValue(
        kept,
        (x) => x,
        () => 0,
      ),
    ).toEqual({ value: null, stderr: null, n: 2, missing: 1 });
  });

  it('are null where the statistic is undefined', () => {
    const undefinedValue = resampledValue(kept, () => Number.NaN, { seed: 1 }, 'nothing');
    expect(undefinedValue).toEqual({ value: null, stderr: null, n: 2, missing: 1 });
  });
});
