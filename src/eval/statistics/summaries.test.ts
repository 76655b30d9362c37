import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { majorityBaseline, randomBaseline } from './baselines.ts';
import { detectableDifference, detectablePaired, detectableUnpaired } from './detectable-difference.ts';
import { type GroupPart, unweightedGroupScore, weightedGroupScore } from './pooled-error.ts';
import { standardErrorOfMean } from './standard-error.ts';
import { wilsonInterval } from './wilson.ts';

interface Golden {
  readonly wilson: readonly (readonly [number, number, number, number, number])[];
  readonly power: readonly (readonly [number, number, number, number])[];
  readonly groups: {
    readonly parts: readonly GroupPart[];
    readonly weighted: number;
    readonly pooled: number;
    readonly unweighted: number;
    readonly unweightedError: number;
  };
}

const path = new URL('../../../test/golden/evaluation/statistics.json', import.meta.url);
const golden: Golden = JSON.parse(readFileSync(path, 'utf8'));

describe('Wilson interval', () => {
  it.each(golden.wilson)('of %i out of %i at %f is that of statsmodels', (successes, n, confidence, low, high) => {
    const found = wilsonInterval(successes, n, confidence);
    expect([found.low, found.high]).toEqual([expect.closeTo(low, 12), expect.closeTo(high, 12)]);
    expect(found.value).toBe(successes / n);
  });

  it('of nothing says nothing', () => {
    expect(wilsonInterval(0, 0)).toEqual({ value: Number.NaN, low: 0, high: 1 });
  });
});

describe('detectable difference', () => {
  it.each(golden.power)(
    'of two means of %i at size %f and power %f is that of statsmodels',
    (n, significance, power, d) => {
      const error = 1 / Math.sqrt(n);
      expect(detectableUnpaired([error, error], { significance, power })).toBeCloseTo(d, 4);
    },
  );

  it('of 90 items with unknown partner is about 21 points, and much less in pairs that mostly agree', () => {
    const first = Array.from({ length: 90 }, (_, i) => i % 2);
    const second = first.map((score, i) => (i < 6 ? 1 - score : score));
    const error = standardErrorOfMean(first)!;
    expect(detectableUnpaired([error, error])).toBeCloseTo(0.21, 2);
    expect(detectablePaired(first, second)).toBeCloseTo(2.8016 * Math.sqrt(6 / 90 / 89), 4);
    expect(detectablePaired(first, second, undefined, { power: 0.5 })).toBeCloseTo(1.96 * Math.sqrt(6 / 90 / 89), 4);
  });

  it('in pairs grows with clusters and is null without two of them', () => {
    const first = [0, 0, 0, 0, 1, 1];
    const second = [1, 1, 0, 0, 1, 1];
    const clusters = ['a', 'a', 'b', 'b', 'c', 'c'];
    expect(detectablePaired(first, second, clusters)!).toBeGreaterThan(detectablePaired(first, second)!);
    expect(detectablePaired([1], [null])).toBeNull();
    expect(detectableDifference(0)).toBe(0);
  });
});

describe('scores of groups', () => {
  const { parts, weighted, pooled, unweighted, unweightedError } = golden.groups;

  it('are those of lm-evaluation-harness', () => {
    expect(weightedGroupScore(parts)).toEqual({
      value: expect.closeTo(weighted, 14),
      stderr: expect.closeTo(pooled, 14),
    });
    expect(unweightedGroupScore(parts)).toEqual({
      value: expect.closeTo(unweighted, 14),
      stderr: expect.closeTo(unweightedError, 14),
    });
  });

  it('have no pooled error where every task has one item', () => {
    expect(weightedGroupScore([{ value: 1, stderr: 0, n: 1 }])).toEqual({ value: 1, stderr: null });
  });
});

describe('baselines', () => {
  it('take the most frequent label, the first among equals', () => {
    expect(majorityBaseline(['b', 'a', 'a', 'c', 'b'])).toEqual({ label: 'b', accuracy: 0.4 });
    expect(majorityBaseline([])).toBeUndefined();
  });

  it('guess among as many options as each item has', () => {
    expect(randomBaseline([{ options: 4 }, { options: 2 }, { options: 4, right: 2 }])).toBeCloseTo(1.25 / 3, 14);
  });
});
