import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.ts';
import { RandomStream, stream } from './stream.ts';

function draws(count: number, random: RandomStream): number[] {
  return Array.from({ length: count }, () => random.uint32());
}

describe('stream', () => {
  it('is a function of seed and labels', () => {
    expect(draws(8, stream(1, 'a', 2))).toEqual(draws(8, stream(1, 'a', 2)));
    const first = [
      stream(1, 'a', 'b'),
      stream(1, 'ab'),
      stream(2, 'a', 'b'),
      stream(1),
      stream(1, 1),
      stream(1, '1'),
    ].map((s) => s.uint32());
    expect(new Set(first).size).toBe(first.length);
  });

  it('does not change between versions: data orders of old runs depend on it', () => {
    expect(draws(3, stream(42, 'shuffle'))).toEqual([478551861, 2687080521, 2727513928]);
  });

  it('resumes at any word from key and counter', () => {
    const whole = draws(23, stream(7, 'x'));
    for (let cut = 0; cut < 23; cut++) {
      const before = stream(7, 'x');
      draws(cut, before);
      const state = JSON.parse(JSON.stringify(before.state));
      expect(draws(23 - cut, new RandomStream(state))).toEqual(whole.slice(cut));
    }
  });

  it('reaches beyond 2^32 blocks without repeating', () => {
    const { key } = stream(0).state;
    const far = draws(4, new RandomStream({ key, counter: 2 ** 34 }));
    expect(far).not.toEqual(draws(4, new RandomStream({ key, counter: 0 })));
  });

  it('refuses a seed that is not a non-negative integer', () => {
    for (const seed of [-1, 1.5, Number.NaN, 2 ** 53]) expect(() => stream(seed)).toThrow(UsageError);
  });

  it('refuses below() outside [1, 2^32]', () => {
    for (const n of [0, -1, 1.5, 2 ** 32 + 1]) expect(() => stream(0).below(n)).toThrow();
    expect(stream(0).below(1)).toBe(0);
  });
});

describe('distributions', () => {
  it('float is uniform: mean, variance and range', () => {
    const random = stream(3, 'float');
    const values = Array.from({ length: 100_000 }, () => random.float());
    const mean = values.reduce((a, b) => a + b) / values.length;
    const variance = values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length;
    // Standard errors: 0.0009 and 0.0002; the bounds are five of them.
    expect(Math.abs(mean - 1 / 2)).toBeLessThan(0.0046);
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(0.0012);
    expect(Math.min(...values.slice(0, 1000))).toBeGreaterThanOrEqual(0);
    expect(Math.max(...values.slice(0, 1000))).toBeLessThan(1);
  });

  it('normal has the moments of a standard normal', () => {
    const random = stream(4, 'normal');
    const values = Array.from({ length: 100_000 }, () => random.normal());
    const moment = (p: number) => values.reduce((a, b) => a + b ** p, 0) / values.length;
    // Standard errors of the first four moments: 0.0032, 0.0045, 0.0122, 0.031.
    expect(Math.abs(moment(1))).toBeLessThan(0.016);
    expect(Math.abs(moment(2) - 1)).toBeLessThan(0.023);
    expect(Math.abs(moment(3))).toBeLessThan(0.062);
    expect(Math.abs(moment(4) - 3)).toBeLessThan(0.155);
  });

  it('below is uniform for an n that does not divide 2^32', () => {
    const random = stream(5, 'below');
    const n = 3 * 2 ** 30;
    const thirds = [0, 0, 0];
    for (let i = 0; i < 30_000; i++) thirds[Math.floor(random.below(n) / 2 ** 30)]++;
    // A modulo without rejection would give the first third 15,000.
    for (const count of thirds) expect(Math.abs(count - 10_000)).toBeLessThan(5 * Math.sqrt(20_000 / 3));
  });

  it('permutation visits all 24 orders of four equally often', () => {
    const random = stream(6, 'order');
    const counts = new Map<string, number>();
    for (let i = 0; i < 24_000; i++) {
      const order = random.permutation(4).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(24);
    const chiSquare = [...counts.values()].reduce((sum, c) => sum + (c - 1000) ** 2 / 1000, 0);
    expect(chiSquare).toBeLessThan(49.73); // 99.9% point of chi-square with 23 degrees of freedom
  });
});
