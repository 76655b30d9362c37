import { describe, expect, it } from 'vitest';
import { interactionShare, selectivity } from './two-way.ts';

const grid = (score: (alpha: number, beta: number) => number) =>
  [0, 0.5, 1].flatMap((alpha) => [0, 1, 2].map((beta) => ({ alpha, beta, score: score(alpha, beta) })));

describe('a score on a grid', () => {
  it('has no interaction where the coefficients add up, and nothing else where they only multiply', () => {
    expect(interactionShare(grid((a, b) => 3 * a - b ** 2 + 1))).toBeCloseTo(0, 12);
    expect(interactionShare(grid((a, b) => (a - 0.5) * (b - 1)))).toBeCloseTo(1, 12);
    expect(interactionShare(grid(() => 2))).toBe(0);
    // a + b + ab over {0, 1}^2: effects of 1.5 each, interaction 1; shares 2.25 + 2.25 + 0.25.
    const square = [0, 1].flatMap((alpha) =>
      [0, 1].map((beta) => ({ alpha, beta, score: alpha + beta + alpha * beta })),
    );
    expect(interactionShare(square)).toBeCloseTo(0.25 / 4.75, 12);
  });

  it('is selective for the coefficient that moves it', () => {
    expect(selectivity(grid((a) => a))).toBe(1);
    expect(selectivity(grid((_, b) => -b))).toBe(0);
    expect(selectivity(grid((a, b) => 3 * a + b))).toBeCloseTo(0.75, 12);
    expect(selectivity(grid(() => 1))).toBe(0.5);
  });
});
