import { describe, expect, it } from 'vitest';
import { Graph } from './graph.ts';
import { peakLiveBytes } from './live-bytes.ts';
import { exp, mul, neg } from './ops/elementwise.ts';
import { groupedMatmul } from './ops/grouped.ts';
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

  it('counts what an operator takes while it runs', () => {
    const graph = new Graph();
    const x = graph.input('x', 'f32', [2, 3]);
    const matrices = [graph.input('a', 'f32', [3, 3]), graph.input('b', 'f32', [3, 3])];
    // Rows of the groups before and after their products, and the sum's input.
    expect(peakLiveBytes([sum(groupedMatmul(x, graph.input('sizes', 'i32', [2]), matrices))])).toBe(3 * bytes);
  });

  it('counts neither inputs, cuts and outputs nor other names of a value', () => {
    const x = new Graph().input('x', 'f32', [2, 3]);
    const cut = exp(x);
    const output = reshape(neg(cut), [3, 2]);
    expect(peakLiveBytes([output])).toBe(bytes);
    expect(peakLiveBytes([output], new Set([cut]))).toBe(0);
  });
});
