import { describe, expect, it } from 'vitest';
import { curveOf, type Point, smooth, thin } from './curve.ts';

const time = '2026-01-31T09:30:00.000Z';
const line = (n: number, y: (x: number) => number): Point[] => Array.from({ length: n }, (_, x) => ({ x, y: y(x) }));

describe('curveOf', () => {
  it('takes one metric of one stage in order, the last word on each step, and no text', () => {
    const event = (step: number, value: number | string, stage = 'a', metric = 'loss') => ({
      step,
      stage,
      metric,
      value,
      time,
    });
    const events = [
      event(2, 5),
      event(1, 4),
      event(2, 3),
      event(1, 9, 'b'),
      event(1, 9, 'a', 'norm'),
      event(3, 'text'),
    ];
    expect(curveOf(events, 'a', 'loss')).toEqual([
      { x: 1, y: 4 },
      { x: 2, y: 3 },
    ]);
  });
});

describe('thin', () => {
  it('keeps the extremes of every bin, in order, and nothing that is not finite', () => {
    const points = line(10_000, (x) => (x === 4321 ? 100 : x === 4322 ? -100 : x === 17 ? Number.NaN : Math.sin(x)));
    const kept = thin(points, 50);
    expect(kept.length).toBeLessThanOrEqual(100);
    const ys = kept.map(({ y }) => y);
    expect(Math.max(...ys)).toBe(100);
    expect(Math.min(...ys)).toBe(-100);
    expect(kept.map(({ x }) => x)).toEqual(kept.map(({ x }) => x).sort((a, b) => a - b));
    expect(ys.every(Number.isFinite)).toBe(true);
    expect(
      thin(
        line(20, (x) => x),
        10,
      ),
    ).toHaveLength(20);
  });
});

describe('smooth', () => {
  it('leaves a straight line as it is, up to its ends', () => {
    for (const { x, y } of smooth(line(300, (x) => 3 - 0.01 * x))) expect(y).toBeCloseTo(3 - 0.01 * x, 9);
  });

  it('follows a noisy curve closer than the noise', () => {
    const curve = (x: number) => 2 + Math.exp(-x / 80);
    // A sequence without trend: multiples of the golden ratio.
    const noise = (x: number) => 0.2 * (((x * 0.618033988749895) % 1) - 0.5);
    const error = smooth(line(400, (x) => curve(x) + noise(x))).map(({ x, y }) => Math.abs(y - curve(x)));
    expect(Math.max(...error)).toBeLessThan(0.04);
  });

  it('is not moved by a spike, nor by its place at the end', () => {
    const at = (spike: number) => smooth(line(200, (x) => (x === spike ? 50 : 1 + 0.001 * (x % 3))));
    for (const spike of [100, 199]) for (const { y } of at(spike)) expect(Math.abs(y - 1)).toBeLessThan(0.01);
  });

  it('returns few values as they are, without those that are not finite', () => {
    const few = line(20, (x) => x * x);
    expect(smooth(few)).toEqual(few);
    expect(smooth([...few, { x: 20, y: Number.NaN }])).toEqual(few);
    expect(smooth([])).toEqual([]);
  });

  it('bounds what it returns', () => {
    expect(smooth(line(5000, (x) => x)).length).toBeLessThanOrEqual(400);
  });
});
