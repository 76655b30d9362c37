import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../errors.ts';
import { stream } from '../../random/stream.ts';
import { bcaInterval, jackknife } from './bca-interval.ts';
import { bootstrap, bootstrapStandardError, weightedMean } from './bootstrap.ts';
import { clustersOf } from './clusters.ts';
import { bootstrapP, expandedPercentileInterval, percentileInterval } from './percentile-interval.ts';
import { quantile } from './quantile.ts';
import { resample } from './resample.ts';
import { standardErrorOfMean, standardErrorOfRatio } from './standard-error.ts';

interface Golden {
  readonly intervals: {
    readonly values: readonly number[];
    readonly distribution: readonly number[];
    readonly standardError: number;
    readonly percentile: readonly [number, number];
    readonly bca: readonly [number, number];
  };
}

const path = new URL('../../../test/golden/evaluation/statistics.json', import.meta.url);
const { intervals: golden }: Golden = JSON.parse(readFileSync(path, 'utf8'));

function normals(count: number, label: string): Float64Array {
  const random = stream(1, 'bootstrap test', label);
  return Float64Array.from({ length: count }, () => random.normal());
}

const closeTo = (value: number) => expect.closeTo(value, 10);

describe('resample', () => {
  const draw = (items: number, options: { seed: number; label: string; draws?: number }, names?: string[]) => {
    const drawn: number[][] = [];
    resample(clustersOf(items, names), options, (weights) => drawn.push([...weights]));
    return drawn;
  };

  it.each([1, 2, 3, 100, 1625, 1626, 65_536, 65_537])('draws as many of %i items as there are', (items) => {
    for (const weights of draw(items, { seed: 1, label: 'count', draws: 2 })) {
      expect(weights.reduce((a, b) => a + b, 0)).toBe(items);
    }
  });

  it.each([2, 7, 1700])('draws each of %i items as often, and as unevenly, as chance has it', (items) => {
    const draws = Math.ceil(400_000 / items);
    const all = draw(items, { seed: 3, label: 'even', draws });
    // Counts are binomial: mean 1, variance 1 - 1 / items. Five standard errors.
    const totals = Array.from({ length: items }, (_, i) => all.reduce((sum, weights) => sum + weights[i], 0));
    const error = Math.sqrt((1 - 1 / items) / draws);
    for (const total of totals) expect(Math.abs(total / draws - 1)).toBeLessThan(5 * error);
    const squares = all.flat().reduce((sum, weight) => sum + (weight - 1) ** 2, 0) / all.flat().length;
    expect(Math.abs(squares - (1 - 1 / items))).toBeLessThan(0.02);
  });

  it('does not favour the first of many items, for which a word has room once more', () => {
    // Two of 50,000 take 2.5 x 10^9 of the 4.3 x 10^9 values of a word.
    const [weights] = draw(50_000, { seed: 1, label: 'room', draws: 1 });
    const share = weights.slice(0, 35_000).reduce((a, b) => a + b, 0) / 50_000;
    expect(Math.abs(share - 0.7)).toBeLessThan(5 * Math.sqrt((0.7 * 0.3) / 50_000));
  });

  it('draws the items of a cluster together', () => {
    const names = ['a', 'b', 'a', 'c', 'b', 'a'];
    for (const [a, b, a2, c, b2, a3] of draw(6, { seed: 1, label: 'together', draws: 50 }, names)) {
      expect([a2, a3, b2]).toEqual([a, a, b]);
      expect(a + b + c).toBe(3);
    }
  });

  it('repeats itself by seed and label', () => {
    const one = draw(20, { seed: 1, label: 'x', draws: 5 });
    expect(draw(20, { seed: 1, label: 'x', draws: 5 })).toEqual(one);
    expect(draw(20, { seed: 2, label: 'x', draws: 5 })).not.toEqual(one);
    expect(draw(20, { seed: 1, label: 'y', draws: 5 })).not.toEqual(one);
  });

  it.each([0, -1, 1.5, Number.NaN, 1e9])('refuses %f draws', (draws) => {
    expect(() => draw(2, { seed: 1, label: 'x', draws })).toThrow(UsageError);
  });
});

describe('bootstrap', () => {
  it('finds the standard error of a mean within 2% of sd / sqrt(n)', () => {
    const values = normals(500, 'mean');
    const drawn = bootstrap(500, weightedMean(values), { seed: 7, label: 'mean' });
    const expected = standardErrorOfMean(values)!;
    expect(bootstrapStandardError(drawn)! / expected).toBeGreaterThan(0.98);
    expect(bootstrapStandardError(drawn)! / expected).toBeLessThan(1.02);
    expect(drawn.value).toBeCloseTo(values.reduce((a, b) => a + b, 0) / 500, 12);
  });

  it('finds the cluster-robust standard error of a mean over uneven clusters', () => {
    const effects = normals(60, 'effects');
    const names = normals(300, 'names').map((x) => Math.floor(Math.abs(x) * 20) % 60);
    const values = normals(300, 'noise').map((x, i) => x + 2 * effects[names[i]]);
    const clusters = [...names].map(String);
    const drawn = bootstrap(300, weightedMean(values), { seed: 7, label: 'clusters', clusters });
    const robust = standardErrorOfRatio(values, new Float64Array(300).fill(1), clusters)!;
    expect(bootstrapStandardError(drawn)! / robust).toBeGreaterThan(0.93);
    expect(bootstrapStandardError(drawn)! / robust).toBeLessThan(1.07);
    expect(bootstrapStandardError(drawn)!).toBeGreaterThan(1.5 * standardErrorOfMean(values)!);
  });

  it('leaves out draws in which the statistic is undefined, and counts them', () => {
    const drawn = bootstrap(4, (weights) => (weights[0] === 0 ? Number.NaN : weights[1] / weights[0]), {
      seed: 1,
      label: 'undefined',
      draws: 2000,
    });
    expect(drawn.undefinedDraws / 2000).toBeCloseTo(0.75 ** 4, 1);
    expect(drawn.distribution.length + drawn.undefinedDraws).toBe(2000);
    expect(drawn.distribution.every(Number.isFinite)).toBe(true);
  });

  it('has nothing to say about one item or none', () => {
    const one = bootstrap(1, weightedMean([3]), { seed: 1, label: 'one', draws: 10 });
    expect([one.value, bootstrapStandardError(one), bootstrapP(one)]).toEqual([3, null, 1]);
    const none = bootstrap(0, weightedMean([]), { seed: 1, label: 'none', draws: 10 });
    expect(none).toMatchObject({ value: Number.NaN, undefinedDraws: 10, clusters: 0 });
    expect(expandedPercentileInterval(none)).toEqual({ value: Number.NaN, low: Number.NaN, high: Number.NaN });
  });
});

describe('intervals', () => {
  const { values } = golden;
  const distribution = Float64Array.from(golden.distribution);
  /** Variance of the drawn values: skewed. */
  const variance = (weights: ArrayLike<number>) => {
    const mean = weightedMean(values)(Uint32Array.from(weights));
    return weightedMean(values.map((value) => (value - mean) ** 2))(Uint32Array.from(weights));
  };
  const value = variance(values.map(() => 1));
  const result = { value, distribution, undefinedDraws: 0, clusters: values.length };

  it('agree with scipy for one distribution of draws', () => {
    expect(bootstrapStandardError(result)).toBeCloseTo(golden.standardError, 12);
    const { low, high } = percentileInterval(result, 0.9);
    expect([low, high]).toEqual(golden.percentile.map((end) => expect.closeTo(end, 10)));
  });

  it('bias-corrected and accelerated, agree with scipy', () => {
    const { low, high } = bcaInterval(result, jackknife(values.length, variance), 0.9);
    expect([low, high]).toEqual(golden.bca.map((end) => expect.closeTo(end, 10)));
    expect(Math.abs(golden.bca[0] - golden.percentile[0])).toBeGreaterThan(0.1);
  });

  it('accelerate about the same with items left out in parts', () => {
    const long = Float64Array.from({ length: 6000 }, (_, i) => values[(i * 7) % values.length] ** 2);
    const drawn = bootstrap(6000, weightedMean(long), { seed: 5, label: 'parts', draws: 2000 });
    const each = bcaInterval(drawn, jackknife(6000, weightedMean(long), { most: 6000 }));
    const parts = bcaInterval(drawn, jackknife(6000, weightedMean(long), { most: 1000 }));
    const width = each.high - each.low;
    expect(Math.abs(parts.low - each.low) / width).toBeLessThan(0.01);
    expect(Math.abs(parts.high - each.high) / width).toBeLessThan(0.01);
  });

  it('are the percentiles where draws tie with the value and lie evenly around it', () => {
    const even = { value: 1, distribution: Float64Array.of(0, 1, 1, 1, 2) };
    expect(bcaInterval(even, [1, 1], 0.9)).toEqual({ value: 1, low: closeTo(0.2), high: closeTo(1.8) });
    expect(percentileInterval(even, 0.9)).toEqual({ value: 1, low: closeTo(0.2), high: closeTo(1.8) });
  });

  it('are the percentiles where there is nothing to correct by', () => {
    const flat = { value: 2, distribution: new Float64Array(10).fill(2) };
    expect(bcaInterval(flat, [2, 2, 2])).toEqual({ value: 2, low: 2, high: 2 });
    expect(bcaInterval({ value: 9, distribution: Float64Array.of(1, 2, 3) }, [1, 2], 0.5)).toEqual({
      value: 9,
      low: 1.5,
      high: 2.5,
    });
  });

  it('are widened as a t interval is beside a normal one', () => {
    const drawn = Float64Array.from({ length: 200_001 }, (_, i) => i / 200_000);
    const ends = (clusters: number) =>
      expandedPercentileInterval({ value: 0.5, distribution: drawn, undefinedDraws: 0, clusters }).low;
    // Φ(-sqrt(10 / 9) x 2.2622): the t quantile with 9 degrees of freedom.
    expect(ends(10)).toBeCloseTo(0.00855, 4);
    expect(ends(100_000)).toBeCloseTo(0.025, 4);
    expect(ends(1)).toBe(0);
  });

  it('leave zero out just when the p-value is below one minus their confidence', () => {
    const differences = normals(9, 'agree');
    for (let shift = -2; shift <= 2; shift += 0.02) {
      const moved = differences.map((difference) => difference + shift);
      const drawn = bootstrap(9, weightedMean(moved), { seed: 2, label: 'agree', draws: 999 });
      const { low, high } = expandedPercentileInterval(drawn, 0.9);
      const p = bootstrapP(drawn);
      // One draw more or less is where the two may round differently.
      if (Math.abs(p - 0.1) > 0.01) expect(p < 0.1).toBe(low > 0 || high < 0);
    }
  });
});

describe('quantile', () => {
  it('interpolates between neighbours and stops at the ends', () => {
    expect([0, 0.25, 0.5, 1, 2, -1].map((share) => quantile([1, 2, 4], share))).toEqual([1, 1.5, 2, 4, 4, 1]);
    expect(quantile([], 0.5)).toBeNaN();
    expect(quantile([Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY], 0.5)).toBe(Number.NEGATIVE_INFINITY);
  });
});
