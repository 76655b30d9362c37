/**
 * Methods that draw, in distribution: over many seeds, the share of a task vector that is kept and the merged deltas have the
 * mean and the variance of independent Bernoulli draws. Limits are in standard errors of what is measured.
 */
import { describe, expect, it } from 'vitest';
import { stream } from '../../random/stream.ts';
import type { Scalar } from '../method.ts';
import { runMethod } from '../run-method.ts';
import { mergeMethods } from './methods.ts';

const rows = 24;
const columns = 40;
const size = rows * columns;
const seeds = 120;
const base = new Float32Array(size);
const drawn = stream(3, 'random methods');
const delta = Float32Array.from({ length: size }, () => drawn.normal() || 1);

interface Case {
  readonly method: string;
  readonly parameters: Readonly<Record<string, Scalar>>;
  readonly settings: Readonly<Record<string, Scalar>>;
  readonly compat: 'mergekit' | 'paper';
}

/** By seed, the merged deltas of a model of weight 1. */
function draw({ method, parameters, settings, compat }: Case): readonly Float32Array[] {
  const found = mergeMethods.find(({ name }) => name === method)!;
  const run = {
    shape: [rows, columns],
    base,
    models: [delta],
    parameters: [{ weight: 1, ...parameters }],
    settings,
    compat,
  };
  return Array.from({ length: seeds }, (_, seed) => runMethod(found, { ...run, seed }).values);
}

/** The chance that an element is kept: the density, or in rows from density - epsilon to density + epsilon by rank. */
function chances({ density, epsilon }: { readonly density: number; readonly epsilon: number }): Float64Array {
  const result = new Float64Array(size);
  for (let row = 0; row < rows; row++) {
    const order = Array.from({ length: columns }, (_, column) => row * columns + column).sort(
      (i, j) => Math.abs(delta[i]) - Math.abs(delta[j]),
    );
    for (const [rank, index] of order.entries()) {
      result[index] = density - epsilon + (2 * epsilon * rank) / (columns - 1);
    }
  }
  return result;
}

const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);
const meanOf = (values: readonly number[]): number => sum(values) / values.length;
function varianceOf(values: readonly number[]): number {
  const mean = meanOf(values);
  return sum(values.map((value) => (value - mean) ** 2)) / (values.length - 1);
}

/** Standard errors between what was measured and what theory says, of the mean and of the variance of `seeds` sums. */
function deviations(values: readonly number[], mean: number, variance: number): readonly [number, number] {
  return [
    (meanOf(values) - mean) / Math.sqrt(variance / seeds),
    (varianceOf(values) - variance) / (variance * Math.sqrt(2 / (seeds - 1))),
  ];
}

const limit = 4;
const cases = [
  ['dare_linear', 0.3, 0],
  ['dare_ties', 0.7, 0],
  ['della_linear', 0.4, 0.2],
  ['della', 0.5, 0.3],
] as const;

describe.each(cases)('%s at density %f and epsilon %f', (method, density, epsilon) => {
  const keep = chances({ density, epsilon });
  const parameters = { density, ...(epsilon > 0 && { epsilon }) };
  const plain = draw({ method, parameters, settings: { rescale: false, normalize: false }, compat: 'mergekit' });

  it('keeps the share that it is asked for, with the variance of independent draws', () => {
    const kept = plain.map((values) => values.reduce((count, value) => count + (value === 0 ? 0 : 1), 0));
    const variance = sum(keep.map((p) => p * (1 - p)));
    for (const far of deviations(kept, sum(keep), variance)) expect(Math.abs(far)).toBeLessThan(limit);
  });

  it('keeps each element with its own chance, and unchanged', () => {
    const far = keep.map((p, i) => {
      const count = plain.filter((values) => values[i] !== 0).length;
      return (count - seeds * p) / Math.sqrt(seeds * p * (1 - p));
    });
    // The squares of `size` standard normal numbers: mean 1, and a standard deviation of sqrt(2 / size).
    expect(Math.abs(sum(far.map((z) => z * z)) / size - 1)).toBeLessThan(limit * Math.sqrt(2 / size));
    for (const values of plain) {
      expect(values.every((value, i) => value === 0 || value === delta[i])).toBe(true);
    }
  });

  it('keeps elements independently of their neighbours', () => {
    const deviation = keep.map((p) => Math.sqrt(p * (1 - p)));
    for (const lag of [1, 4, columns]) {
      let products = 0;
      for (const values of plain) {
        const drawn = (i: number): number => ((values[i] === 0 ? 0 : 1) - keep[i]) / deviation[i];
        for (let i = 0; i < size - lag; i++) products += drawn(i) * drawn(i + lag);
      }
      expect(Math.abs(products) / Math.sqrt(seeds * (size - lag))).toBeLessThan(limit);
    }
  });

  it('has the delta as its mean under compat: paper, and delta^2 (1 - p) / p as its variance', () => {
    const scaled = draw({ method, parameters, settings: { rescale: true, normalize: false }, compat: 'paper' });
    const sign = delta.map(Math.sign);
    const sums = scaled.map((values) => sum(values.map((value, i) => value * sign[i])));
    const variance = sum(keep.map((p, i) => (delta[i] ** 2 * (1 - p)) / p));
    for (const far of deviations(sums, sum(delta.map(Math.abs)), variance)) expect(Math.abs(far)).toBeLessThan(limit);
  });

  it('has the L1 norm of the delta under compat: mergekit, whatever was drawn', () => {
    const scaled = draw({ method, parameters, settings: { rescale: true, normalize: false }, compat: 'mergekit' });
    const norm = sum(delta.map(Math.abs));
    for (const values of scaled) expect(Math.abs(sum(values.map(Math.abs)) / norm - 1)).toBeLessThan(1e-5);
  });
});
