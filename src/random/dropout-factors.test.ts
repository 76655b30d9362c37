import { describe, expect, it } from 'vitest';
import { drawDropoutFactors } from './dropout-factors.ts';
import { stream } from './stream.ts';

function drawn(probability: number, length: number, seed = 1): Float32Array {
  const factors = new Float32Array(length).fill(Number.NaN);
  drawDropoutFactors(factors, probability, stream(seed, 'dropout'));
  return factors;
}

describe('drawDropoutFactors', () => {
  it.each([0.01, 0.05, 0.5, 0.9])('leaves out %d of all, and keeps the expected sum', (probability) => {
    const length = 200_000;
    const factors = drawn(probability, length);
    const out = factors.filter((factor) => factor === 0).length;
    // Five standard errors.
    const most = 5 * Math.sqrt(length * probability * (1 - probability));
    expect(Math.abs(out - probability * length)).toBeLessThan(most);
    expect(new Set(factors)).toEqual(new Set([0, Math.fround(1 / (1 - probability))]));
  });

  it('leaves out one whatever happened to the one before', () => {
    const [probability, length] = [0.3, 200_000];
    const factors = drawn(probability, length);
    for (const distance of [1, 2, 7]) {
      let both = 0;
      for (let i = distance; i < length; i++) if (factors[i] === 0 && factors[i - distance] === 0) both++;
      const most = 5 * Math.sqrt(length * probability ** 2 * (1 - probability ** 2));
      expect(Math.abs(both - probability ** 2 * length)).toBeLessThan(most);
    }
    // The first as often as any other.
    const firsts = Array.from({ length: 2000 }, (_, seed) => drawn(probability, 1, seed)[0]);
    expect(Math.abs(firsts.filter((factor) => factor === 0).length - 600)).toBeLessThan(5 * Math.sqrt(2000 * 0.21));
  });

  it('is the same for the same stream, and another for another', () => {
    expect(drawn(0.1, 1000)).toEqual(drawn(0.1, 1000));
    expect(drawn(0.1, 1000, 2)).not.toEqual(drawn(0.1, 1000));
  });

  it('keeps everything as it is where nothing is to be left out', () => {
    expect(drawn(0, 5)).toEqual(new Float32Array(5).fill(1));
  });
});
