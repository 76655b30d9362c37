import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../errors.ts';
import { stream } from '../random/stream.ts';
import { Mixture, type MixtureSource, type WeightSchedule, weightAt } from './mixing.ts';

const named = (weights: readonly WeightSchedule[]): MixtureSource[] =>
  weights.map((weight, k) => ({ name: `s${k}`, weight }));

const weight = fc.double({ min: 0.01, max: 10, noNaN: true });
const schedule: fc.Arbitrary<WeightSchedule> = fc.oneof(
  weight,
  weight.map((value) => ({ kind: 'constant' as const, weight: value })),
  fc.record({ kind: fc.constantFrom('linear' as const, 'cosine' as const), from: weight, to: weight }),
  fc.tuple(weight, weight, fc.double({ min: 0.01, max: 1, noNaN: true })).map(([a, b, at]) => ({
    kind: 'steps' as const,
    steps: [
      { at: 0, weight: a },
      { at, weight: b },
    ],
  })),
);

/** Rounding in sums of up to a few thousand terms. */
const ROUNDING = 1e-6;

describe('Mixture', () => {
  it('keeps both bounds at every prefix, in examples, for any schedules', () => {
    fc.assert(
      fc.property(fc.array(schedule, { minLength: 1, maxLength: 6 }), (weights) => {
        const K = weights.length;
        const total = 500;
        const mixture = new Mixture(named(weights), { total });
        // W_k by its definition, beside the class's own sums.
        const due = weights.map(() => 0);
        for (let n = 0; n < total; n++) {
          const raw = weights.map((schedule) => weightAt(schedule, n / total));
          const sum = raw.reduce((a, b) => a + b);
          for (let k = 0; k < K; k++) due[k] += raw[k] / sum;
          mixture.record(mixture.next(), 1);
          const { drawn } = mixture.state;
          for (let k = 0; k < K; k++) {
            expect(drawn[k] - due[k]).toBeLessThan(1 - 1 / K + ROUNDING);
            expect(due[k] - drawn[k]).toBeLessThan(K);
          }
        }
      }),
      { numRuns: 60 },
    );
  });

  it('keeps them in tokens, times the longest document', () => {
    fc.assert(
      fc.property(
        fc.array(schedule, { minLength: 2, maxLength: 5 }),
        fc.integer({ min: 1, max: 300 }),
        fc.nat(),
        (weights, longest, seed) => {
          const random = stream(seed, 'lengths');
          const mixture = new Mixture(named(weights), { total: 20_000 });
          for (let n = 0; n < 300; n++) {
            mixture.record(mixture.next(), 1 + random.below(longest));
            const { drawn, due } = mixture.state;
            for (let k = 0; k < weights.length; k++) {
              expect(drawn[k] - due[k]).toBeLessThan(longest + ROUNDING);
              expect(due[k] - drawn[k]).toBeLessThan(weights.length * longest);
            }
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('where independent draws break the bound within 1,000', () => {
    const shares = [0.5, 0.3, 0.2];
    const random = stream(1, 'iid');
    const drawn = [0, 0, 0];
    let broken = -1;
    for (let n = 1; n <= 1000 && broken < 0; n++) {
      const u = random.float();
      drawn[u < 0.5 ? 0 : u < 0.8 ? 1 : 2]++;
      if (drawn.some((d, k) => d - shares[k] * n >= 1)) broken = n;
    }
    expect(broken).toBeGreaterThan(0);
  });

  it('breaks ties by index and interleaves evenly', () => {
    const mixture = new Mixture(named([2, 1, 1]));
    const order = Array.from({ length: 8 }, () => {
      const k = mixture.next();
      mixture.record(k, 1);
      return k;
    });
    expect(order).toEqual([0, 1, 2, 0, 0, 1, 2, 0]);
  });

  it('never draws a source without weight, and follows a step when it comes', () => {
    const late: WeightSchedule = {
      kind: 'steps',
      steps: [
        { at: 0, weight: 0 },
        { at: 0.5, weight: 1 },
      ],
    };
    const mixture = new Mixture(named([late, 1]), { total: 100 });
    const order = Array.from({ length: 100 }, () => {
      const k = mixture.next();
      mixture.record(k, 1);
      return k;
    });
    expect(order.slice(0, 50).every((k) => k === 1)).toBe(true);
    expect(order.slice(50).filter((k) => k === 0).length).toBe(25);
  });

  it('shares a retired source among the others and ends with the last', () => {
    const mixture = new Mixture(named([5, 3, 1]));
    for (let n = 0; n < 10; n++) mixture.record(mixture.next(), 1);
    mixture.record(0, 50);
    mixture.retire(0);
    // What it was ahead by is what the others are behind, in total as before.
    const { due, drawn: given } = mixture.state;
    expect(due[0]).toBe(given[0]);
    expect(due[1] + due[2] - given[1] - given[2]).toBeCloseTo(0, 9);
    const before = mixture.state.drawn;
    for (let n = 0; n < 400; n++) mixture.record(mixture.next(), 1);
    const { drawn } = mixture.state;
    expect(drawn[0]).toBe(before[0]);
    expect(Math.abs(drawn[1] - before[1] - 300)).toBeLessThan(3);
    mixture.retire(1);
    expect(mixture.next()).toBe(2);
    mixture.retire(2);
    expect(mixture.next()).toBe(-1);
  });

  it('continues from its state, through JSON', () => {
    const sources = named([{ kind: 'cosine', from: 1, to: 0.1 }, 0.7, 0.3]);
    const draw = (mixture: Mixture, draws: number) =>
      Array.from({ length: draws }, (_, n) => {
        const k = mixture.next();
        mixture.record(k, 1 + (n % 7));
        return k;
      });
    const mixture = new Mixture(sources, { total: 500 });
    draw(mixture, 49);
    const copy = new Mixture(sources, { total: 500 });
    copy.state = JSON.parse(JSON.stringify(mixture.state));
    expect(draw(copy, 50)).toEqual(draw(mixture, 50));
  });

  it.each<[string, WeightSchedule[], number | undefined, RegExp]>([
    ['no source', [], undefined, /sources: found none/],
    ['a negative weight', [1, -1], undefined, /weight of 's1': found -1/],
    ['a weight that is not a number', [Number.NaN], undefined, /found NaN/],
    ['no weight at all', [0, 0], undefined, /none above 0 at 0%/],
    ['no weight at the end', [{ kind: 'linear', from: 1, to: 0 }], 10, /none above 0 at 100%/],
    ['a schedule without an end', [{ kind: 'linear', from: 1, to: 2 }], undefined, /without the length of the run/],
    ['a late first step', [{ kind: 'steps', steps: [{ at: 0.1, weight: 1 }] }], 10, /steps at 0\.1/],
    ['no step', [{ kind: 'steps', steps: [] }], 10, /steps at no place/],
    ['an endless run', [1], Number.POSITIVE_INFINITY, /total: found Infinity/],
  ])('refuses %s', (_, weights, total, message) => {
    expect(() => new Mixture(named(weights), { total })).toThrow(UsageError);
    expect(() => new Mixture(named(weights), { total })).toThrow(message);
  });
});

describe('weightAt', () => {
  it.each<[WeightSchedule, number, number]>([
    [3, 0.7, 3],
    [{ kind: 'linear', from: 1, to: 3 }, 0.25, 1.5],
    [{ kind: 'cosine', from: 1, to: 0 }, 0, 1],
    [{ kind: 'cosine', from: 1, to: 0 }, 0.5, 0.5],
    [{ kind: 'cosine', from: 1, to: 0 }, 1, 0],
    [{ kind: 'cosine', from: 0, to: 1 }, 1 / 3, 0.25],
  ])('%j at %d is %d', (schedule, progress, value) => expect(weightAt(schedule, progress)).toBeCloseTo(value, 12));
});
