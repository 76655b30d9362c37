import { describe, expect, it } from 'vitest';
import { Graph } from './graph.ts';
import { peakLiveBytes } from './live-bytes.ts';
import { exp, mul, neg } from './ops/elementwise.ts';
import { sum } from './ops/reduce.ts';
import { reshape } from './ops/shape.ts';

describe('peakLiveBytes', () => {
  const bytes = 4 * 6;

  it('frees a value after its last use', () => {
    const x = new Graph().input('x', 'f32', [2, 3]);
    // One value at a time would be freed as the next is made: two are alive in each step of the chain.
    expect(peakLiveBytes([sum(neg(exp(neg(exp(x)))))])).toBe(2 * bytes);
  });

  it('keeps what is used again', () => {
    const x = new Graph().input('x', 'f32', [2, 3]);
    const early = exp(x);
    expect(peakLiveBytes([sum(mul(neg(neg(exp(early))), early))])).toBe(3 * bytes);
  });

  it('counts neither inputs, cuts and outputs nor other names of a value', () => {
    const x = new Graph().input('x', 'f32', [2, 3]);
    const cut = exp(x);
    const output = reshape(neg(cut), [3, 2]);
    expect(peakLiveBytes([output])).toBe(bytes);
    expect(peakLiveBytes([output], new Set([cut]))).toBe(0);
  });
});
