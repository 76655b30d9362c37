import { describe, expect, it } from 'vitest';
import { type RandomStream, stream } from '../../random/stream.ts';
import { countMagnitudes, emptyHistogram, type TopSet, topSet } from './magnitude-histogram.ts';
import { addPairSums, emptyPairSums, type PairSums, sumPair, sumTops, topShares } from './pair-sums.ts';

function normals(count: number, label: string): Float32Array {
  const random: RandomStream = stream(7, label);
  return Float32Array.from({ length: count }, () => random.normal());
}

function topsOf(values: Float32Array): readonly TopSet[] {
  const histogram = emptyHistogram();
  countMagnitudes(histogram, values);
  const nonzero = values.filter((value) => value !== 0).length;
  return topShares.map((share) => topSet(histogram, share, values.length, nonzero));
}

function pairOf(a: Float32Array, b: Float32Array, columns: number): PairSums {
  const sums = emptyPairSums();
  const [topsA, topsB] = [topsOf(a), topsOf(b)];
  sumPair(sums, a, b, columns, topsA, topsB);
  sumTops(sums, a.length, topsA, topsB);
  return sums;
}

describe('sumPair', () => {
  it('finds identical vectors identical, and opposite ones opposite', () => {
    const a = normals(400, 'a');
    const same = pairOf(a, a, 20);
    expect(same.dot).toBeCloseTo(same.squaresA, 9);
    expect(same.opposite).toBe(0);
    for (const { a: size, both, opposite } of same.top) expect([both, opposite]).toEqual([size, 0]);
    const opposed = pairOf(
      a,
      a.map((value) => -value),
      20,
    );
    expect(opposed.dot).toBe(-same.dot);
    expect([opposed.opposite, opposed.opposed]).toEqual([opposed.nonzero, opposed.shared]);
    for (const { both, opposite } of opposed.top) expect(opposite).toBe(both);
  });

  it('finds nothing between vectors that change different elements', () => {
    const a = Float32Array.of(1, -2, 0, 0);
    const b = Float32Array.of(0, 0, 3, -4);
    expect(pairOf(a, b, 2)).toMatchObject({ dot: 0, nonzero: 0, shared: 0, squaresA: 5, squaresB: 25 });
  });

  it('weights conflicts by the smaller magnitude', () => {
    const sums = pairOf(Float32Array.of(1, -3, 0.5), Float32Array.of(2, 0.25, 4), 1);
    expect(sums).toMatchObject({ nonzero: 3, opposite: 1, shared: 1 + 0.25 + 0.5, opposed: 0.25 });
  });

  it('has the variance of all sign flips of rows, counted one by one', () => {
    const [rows, columns] = [10, 6];
    const a = normals(rows * columns, 'a');
    const b = normals(rows * columns, 'b');
    const dots = Array.from({ length: rows }, (_, row) => {
      let dot = 0;
      for (let i = row * columns; i < (row + 1) * columns; i++) dot += a[i] * b[i];
      return dot;
    });
    let squares = 0;
    for (let flips = 0; flips < 2 ** rows; flips++)
      squares += dots.reduce((sum, dot, row) => sum + ((flips >> row) & 1 ? -dot : dot), 0) ** 2;
    expect(pairOf(a, b, columns).rowDotSquares).toBeCloseTo(squares / 2 ** rows, 8);
  });

  it('knows that rank-1 changes of one input direction are no evidence, however many elements they have', () => {
    // a = u w^T, b = v w^T with independent u, v: the elements' null would call the cosine significant.
    const [u, v, w] = [normals(64, 'u'), normals(64, 'v'), normals(500, 'w')];
    const outer = (left: Float32Array) =>
      Float32Array.from({ length: 64 * 500 }, (_, i) => left[Math.floor(i / 500)] * w[i % 500]);
    const { dot, squaresA, squaresB, rowDotSquares, elements } = pairOf(outer(u), outer(v), 500);
    const cosine = dot / Math.sqrt(squaresA * squaresB);
    expect(Math.abs(cosine) * Math.sqrt(elements)).toBeGreaterThan(5);
    expect(Math.abs(dot) / Math.sqrt(rowDotSquares)).toBeLessThan(3);
  });

  it('has chance overlap, half the signs and a cosine of 1 / sqrt(n) for independent vectors', () => {
    const n = 40_000;
    const sums = pairOf(normals(n, 'x'), normals(n, 'y'), 200);
    expect(Math.abs(sums.dot / Math.sqrt(sums.squaresA * sums.squaresB))).toBeLessThan(4 / Math.sqrt(n));
    expect(Math.abs(sums.opposite / n - 0.5)).toBeLessThan(4 * (0.5 / Math.sqrt(n)));
    for (const { both, expected } of sums.top) expect(Math.abs(both - expected)).toBeLessThan(5 * Math.sqrt(expected));
    expect(sums.top[2].expected / n).toBeCloseTo(0.04, 3);
  });

  it('has the sign conflict arccos(rho) / pi of correlated normals', () => {
    const n = 40_000;
    const [x, noise] = [normals(n, 'x'), normals(n, 'noise')];
    const sums = pairOf(
      x,
      x.map((value, i) => value + noise[i]),
      200,
    );
    expect(Math.abs(sums.opposite / n - 0.25)).toBeLessThan(0.01);
  });

  it('adds up to the same from parts', () => {
    const [a, b] = [normals(600, 'a'), normals(600, 'b')];
    const [topsA, topsB] = [topsOf(a), topsOf(b)];
    const [whole, parts, second] = [emptyPairSums(), emptyPairSums(), emptyPairSums()];
    sumPair(whole, a, b, 20, topsA, topsB);
    sumPair(parts, a.subarray(0, 200), b.subarray(0, 200), 20, topsA, topsB);
    sumPair(second, a.subarray(200), b.subarray(200), 20, topsA, topsB);
    addPairSums(parts, second);
    expect(parts.dot).toBeCloseTo(whole.dot, 9);
    expect(parts.top).toEqual(whole.top);
    expect(parts.rowDotSquares).toBeCloseTo(whole.rowDotSquares, 9);
  });
});
