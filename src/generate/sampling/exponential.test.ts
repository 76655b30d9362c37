import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exponential, exponentialSum } from './exponential.ts';

/** Uniform, where `fc.double` prefers the tiny. */
const exponent = fc.maxSafeNat().map((n) => -64 * (n / Number.MAX_SAFE_INTEGER));

describe('exponential', () => {
  it('is that of the mathematics library, to 4e-13', () => {
    fc.assert(
      fc.property(exponent, (d) => {
        expect(Math.abs(exponential(d) / Math.exp(d) - 1)).toBeLessThan(4e-13);
      }),
      { numRuns: 20_000 },
    );
  });

  it('is exact at its steps and ends', () => {
    expect(exponential(0)).toBe(1);
    expect(exponential(-0)).toBe(1);
    expect(exponential(-1 / 8)).toBe(Math.exp(-1 / 8));
    expect(exponential(-64)).toBe(Math.exp(-64));
    expect(exponential(-64.001)).toBe(0);
    expect(exponential(-1e300)).toBe(0);
    expect(exponential(Number.NEGATIVE_INFINITY)).toBe(0);
    expect(exponential(Number.NaN)).toBeNaN();
  });

  it('adds up over a range', () => {
    const values = Float32Array.of(9, -3, 0.5, 2, Number.NEGATIVE_INFINITY, -1);
    const expected = [-3, 0.5, 2].reduce((sum, x) => sum + Math.exp((x - 2) * 1.25), 0);
    expect(exponentialSum(values, 1, 5, 2, 1.25)).toBeCloseTo(expected, 12);
    expect(exponentialSum(Float32Array.of(1, Number.NaN), 0, 2, 1, 1)).toBeNaN();
  });
});
