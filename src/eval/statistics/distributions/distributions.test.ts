import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fairCoinCdf, fairCoinProbability } from './binomial.ts';
import { incompleteBeta } from './incomplete-beta.ts';
import { logGamma } from './log-gamma.ts';
import { normalCdf, normalQuantile } from './normal.ts';
import { studentCdf, studentQuantile } from './student-t.ts';

interface Golden {
  readonly distributions: Record<'normal' | 'normalQuantile' | 'student' | 'studentQuantile' | 'binomial', number[][]>;
}

const path = new URL('../../../../test/golden/evaluation/statistics.json', import.meta.url);
const { distributions: golden }: Golden = JSON.parse(readFileSync(path, 'utf8'));

/** Relative to the expected value; an absolute floor for what is nothing beside one. */
function expectClose(found: number, expected: number, tolerance = 1e-11): void {
  expect(Math.abs(found - expected)).toBeLessThanOrEqual(tolerance * Math.abs(expected) + 1e-300);
}

describe('distributions agree with scipy', () => {
  it.each(golden.normal)('normal: P(Z <= %f)', (x, expected) => expectClose(normalCdf(x), expected));

  it.each(golden.normalQuantile)('normal quantile of %f', (p, expected) => {
    expect(normalQuantile(p)).toBeCloseTo(expected, 11);
  });

  it.each(golden.student)('Student: P(T <= %f), %f degrees', (t, degrees, expected) => {
    expectClose(studentCdf(t, degrees), expected);
  });

  it.each(golden.studentQuantile)('Student quantile of %f, %f degrees', (p, degrees, expected) => {
    expectClose(studentQuantile(p, degrees) + 1, expected + 1, 1e-9);
  });

  it.each(golden.binomial)('fair coin: %i heads of %i', (k, n, cdf, probability) => {
    expectClose(fairCoinCdf(k, n), cdf, 1e-9);
    expectClose(fairCoinProbability(k, n), probability, 1e-9);
  });
});

describe('distributions at their ends', () => {
  it('of the normal', () => {
    expect([normalQuantile(0), normalQuantile(1)]).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY]);
    expect([normalQuantile(-0.1), normalQuantile(Number.NaN)]).toEqual([Number.NaN, Number.NaN]);
    expect([normalCdf(-100), normalCdf(100)]).toEqual([0, 1]);
  });

  it('of the incomplete beta function', () => {
    expect([incompleteBeta(-1, 2, 3), incompleteBeta(0, 2, 3), incompleteBeta(1, 2, 3)]).toEqual([0, 0, 1]);
    // I_x(2, 3) is a polynomial: 6 x² - 8 x³ + 3 x⁴.
    for (const x of [0.01, 0.3, 0.5, 0.9]) {
      expect(incompleteBeta(x, 2, 3)).toBeCloseTo(6 * x ** 2 - 8 * x ** 3 + 3 * x ** 4, 14);
    }
  });

  it('of the gamma function, which is a factorial', () => {
    let factorial = 1;
    for (let n = 1; n < 20; n++) {
      expect(logGamma(n)).toBeCloseTo(Math.log(factorial), 12);
      factorial *= n;
    }
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.PI) / 2, 13);
  });
});
