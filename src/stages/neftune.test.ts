import { describe, expect, it } from 'vitest';
import { addEmbeddingNoise } from './neftune.ts';

const hidden = 16;
const segments = Int32Array.from([1, 1, 1, 1, 2, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]);
const batch = { rows: 2, length: 8, segments };
const noise = (alpha: number, at = { step: 3, batch: 0 }, seed = 1) => {
  const embedded = new Float32Array(segments.length * hidden);
  addEmbeddingNoise(embedded, batch, { alpha, seed, at });
  return embedded;
};
const span = (values: Float32Array, from: number, to: number) =>
  Math.max(...values.subarray(from * hidden, to * hidden).map(Math.abs));

describe('addEmbeddingNoise', () => {
  it('stays within alpha / sqrt(L d) of each example, near to which it comes, and leaves padding alone', () => {
    const values = noise(5);
    for (const [from, to] of [
      [0, 4],
      [4, 5],
      [8, 16],
    ]) {
      const bound = 5 / Math.sqrt((to - from) * hidden);
      expect(span(values, from, to)).toBeLessThanOrEqual(bound * (1 + 1e-6));
      expect(span(values, from, to)).toBeGreaterThan(0.7 * bound);
    }
    expect(span(values, 5, 8)).toBe(0);
  });

  it('adds to what is there, and follows from seed and place alone', () => {
    expect(noise(5)).toEqual(noise(5));
    expect(noise(5, { step: 3, batch: 1 })).not.toEqual(noise(5));
    expect(noise(5, { step: 4, batch: 0 })).not.toEqual(noise(5));
    expect(noise(5, { step: 3, batch: 0 }, 2)).not.toEqual(noise(5));
    const embedded = new Float32Array(segments.length * hidden).fill(1);
    addEmbeddingNoise(embedded, batch, { alpha: 5, seed: 1, at: { step: 3, batch: 0 } });
    const added = noise(5);
    for (const [i, value] of embedded.entries()) expect(value).toBeCloseTo(1 + added[i], 5);
  });
});
