import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { powerOfTen, quantileRange, rangeOf, tickLabels, ticksIn, toTicks } from './axis.ts';

describe('rangeOf', () => {
  it('holds what is finite and always has width', () => {
    expect(rangeOf([3, Number.NaN, -1, Number.POSITIVE_INFINITY])).toEqual({ low: -1, high: 3 });
    expect(rangeOf([])).toEqual({ low: 0, high: 1 });
    expect(rangeOf([5])).toEqual({ low: 4.5, high: 5.5 });
    expect(rangeOf([0, 0])).toEqual({ low: -1, high: 1 });
  });

  it('cuts off the share that may be cut off', () => {
    const values = Array.from({ length: 101 }, (_, i) => i);
    expect(quantileRange([...values, 1e9], 0.05)).toEqual({ low: 5, high: 96 });
    expect(quantileRange([], 0.05)).toEqual({ low: 0, high: 1 });
  });
});

describe('ticksIn', () => {
  it.each([
    [0, 1, 6, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    [0, 488, 11, [0, 50, 100, 150, 200, 250, 300, 350, 400, 450]],
    [-0.5, 0.5, 3, [-0.5, 0, 0.5]],
    [1.048, 1.523, 5, [1.2, 1.4]],
    [0, 1e-3, 3, [0, 0.0005, 0.001]],
    [1e6, 3e6, 3, [1e6, 2e6, 3e6]],
  ])('from %d to %d', (low, high, most, ticks) => {
    expect(ticksIn({ low, high }, most)).toEqual(ticks);
  });

  it('gives round numbers, inside the range and not too many, for any range', () => {
    const range = fc.tuple(
      fc.double({ min: -1e9, max: 1e9, noNaN: true }),
      fc.double({ min: 1e-6, max: 1e9, noNaN: true }),
    );
    fc.assert(
      fc.property(range, fc.integer({ min: 2, max: 12 }), ([low, width], most) => {
        fc.pre(width > 1e-9 * Math.abs(low));
        const high = low + width;
        const ticks = ticksIn({ low, high }, most);
        expect(ticks.length).toBeLessThanOrEqual(most);
        const step = ticks[1] - ticks[0];
        for (const tick of ticks) {
          expect(tick).toBeGreaterThanOrEqual(low - 1e-6 * width);
          expect(tick).toBeLessThanOrEqual(high + 1e-6 * width);
        }
        if (ticks.length > 1) expect(['1', '2', '5']).toContain(step.toExponential(0)[0]);
      }),
    );
  });

  it('moves the end of an axis to a tick that is near', () => {
    expect(toTicks({ low: 0.02, high: 0.99 }, 6)).toEqual({ low: 0, high: 1 });
    expect(toTicks({ low: 0.13, high: 0.87 }, 4)).toEqual({ low: 0.13, high: 0.87 });
  });
});

describe('tickLabels', () => {
  it.each([
    [[0, 0.5, 1], ['0', '0.5', '1.0'], 0],
    [[-1, 0, 1], ['−1', '0', '1'], 0],
    [[0, 500, 1000], ['0', '0.5k', '1.0k'], 0],
    [[0, 2e6, 4e6], ['0', '2M', '4M'], 0],
    [[0, 0.0005, 0.001], ['0', '0.5', '1.0'], -3],
    [[0, 0.02, 0.04], ['0', '0.02', '0.04'], 0],
    [[], [], 0],
  ])('%j', (ticks, labels, exponent) => {
    expect(tickLabels(ticks)).toEqual({ labels, exponent });
  });

  it('names the power that labels leave out', () => {
    expect(powerOfTen(-3)).toBe('×10⁻³');
    expect(powerOfTen(12)).toBe('×10¹²');
  });
});
