import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { standardErrorOfMean, standardErrorOfRatio } from './standard-error.ts';

interface Golden {
  readonly standardErrors: {
    readonly values: readonly number[];
    readonly denominators: readonly number[];
    readonly clusters: readonly string[];
    readonly mean: number;
    readonly clusteredMean: number;
    readonly clusteredRatio: number;
  };
}

const path = new URL('../../../test/golden/evaluation/statistics.json', import.meta.url);
const { standardErrors: golden }: Golden = JSON.parse(readFileSync(path, 'utf8'));

describe('standard errors', () => {
  it('of a mean are those of scipy', () => {
    expect(standardErrorOfMean(golden.values)).toBeCloseTo(golden.mean, 12);
  });

  it('of a mean and of a ratio over clusters are those of statsmodels, with its small-sample factor', () => {
    expect(standardErrorOfMean(golden.values, golden.clusters)).toBeCloseTo(golden.clusteredMean, 12);
    expect(standardErrorOfRatio(golden.values, golden.denominators, golden.clusters)).toBeCloseTo(
      golden.clusteredRatio,
      12,
    );
    expect(golden.clusteredMean).toBeGreaterThan(1.2 * golden.mean);
  });

  it('take an item without a name for a cluster of its own', () => {
    const unnamed = golden.values.map(() => null);
    expect(standardErrorOfMean(golden.values, unnamed)).toBeCloseTo(golden.mean, 12);
  });

  it('do not see an item that is there twice, in a cluster of two, as evidence', () => {
    const twice = golden.values.flatMap((value) => [value, value]);
    const names = golden.values.flatMap((_, i) => [`${i}`, `${i}`]);
    expect(standardErrorOfMean(twice, names)).toBeCloseTo(golden.mean, 12);
    expect(standardErrorOfMean(twice)).toBeLessThan(0.75 * golden.mean);
  });

  it('are null with fewer than two clusters', () => {
    expect([standardErrorOfMean([]), standardErrorOfMean([1])]).toEqual([null, null]);
    expect(standardErrorOfMean([1, 2, 3], ['a', 'a', 'a'])).toBeNull();
  });

  it('want a cluster name for each item', () => {
    expect(() => standardErrorOfMean([1, 2], ['a'])).toThrow('1 cluster names for 2 items');
  });
});
