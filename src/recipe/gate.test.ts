import { describe, expect, it } from 'vitest';
import type { DocumentScore } from '../eval/bits-per-byte.ts';
import { stream } from '../random/stream.ts';
import { judge } from './gate.ts';
import type { MeasuredTask } from './measure/measured-task.ts';
import type { Measured } from './measure/measuring.ts';

const rules = { metrics: ['bits_per_byte/own'], tolerance: 0.02, on_fail: 'warn' } as const;

/** Documents of 1,000 bytes, `bits` of each on average, with a spread that both measurements share. */
function scores(bits: number, noise: number, label: string): DocumentScore[] {
  const [shared, alone] = [stream(1, 'shared'), stream(1, label)];
  return Array.from({ length: 200 }, (_, i) => {
    const value = bits + 0.5 * shared.normal() + noise * alone.normal();
    return { id: `${i}`, source: 'a', nats: 1000 * value * Math.LN2, bytes: 1000 };
  });
}

function task(right: number, { higherIsBetter = true, n = 400 } = {}): MeasuredTask {
  const items = Array.from({ length: n }, (_, i) => {
    return { id: `${i}`, cluster: undefined, contributions: [{ kind: 'value', value: i < right ? 1 : 0 } as const] };
  });
  const head = { task: 'lookup', metric: 'exact_match', aggregation: 'mean', labels: undefined };
  return { ...head, higherIsBetter, value: right / n, stderr: null, n, items };
}

const measured = (own: number, other: number, extra: Partial<Measured> = {}, label = 'before'): Measured => ({
  bits: new Map([
    ['own', scores(own, 0.02, `${label} own`)],
    ['other', scores(other, 0.02, `${label} other`)],
  ]),
  tasks: new Map(),
  ...extra,
});
const base = measured(1.5, 1.2);
const tuned = (own: number, other: number) => measured(own, other, {}, 'after');
const tasks = (result: MeasuredTask) => ({ tasks: new Map([['lookup', result]]) });

describe('judge', () => {
  it('accepts what improves its own and costs nothing', () => {
    const { accepted, reasons, metrics } = judge(base, tuned(1.4, 1.2), rules, 1);
    expect({ accepted, reasons }).toEqual({ accepted: true, reasons: [] });
    expect(metrics[0].improvement).toBeCloseTo(0.1, 1);
    // The spread that the two have in common cancels: of 200 differences of deviation 0.02 x sqrt(2).
    expect(metrics[0].standardError).toBeCloseTo((0.02 * Math.SQRT2) / Math.sqrt(200), 3);
  });

  it('does not take noise for an improvement', () => {
    const { accepted, reasons } = judge(base, tuned(1.4995, 1.2), rules, 1);
    expect(accepted).toBe(false);
    expect(reasons).toEqual([expect.stringMatching(/^bits_per_byte\/own went from 1\.\d+ to .* not better by more/)]);
  });

  it('lets others fall by the tolerance and no further', () => {
    expect(judge(base, tuned(1.4, 1.2 * 1.01), rules, 1).accepted).toBe(true);
    const { accepted, reasons } = judge(base, tuned(1.4, 1.2 * 1.04), rules, 1);
    expect(accepted).toBe(false);
    expect(reasons).toEqual([
      expect.stringMatching(/^bits_per_byte\/other .* worse by 0\.04\d where 0\.02\d is tolerated/),
    ]);
    expect(judge(base, tuned(1.4, 1.2 * 1.04), { ...rules, tolerance: 0.1 }, 1).accepted).toBe(true);
  });

  it('judges tasks by points, in their own direction', () => {
    const was = { ...base, ...tasks(task(200)) };
    const judgeAs = (result: MeasuredTask, metrics: readonly string[]) =>
      judge(was, { ...tuned(1.4, 1.2), ...tasks(result) }, { ...rules, metrics }, 1);
    expect(judgeAs(task(240), ['lookup']).accepted).toBe(true);
    expect(judgeAs(task(160), ['lookup']).accepted).toBe(false);
    // One item of 400 is a quarter of a point, and less than two standard errors.
    expect(judgeAs(task(201), ['lookup']).accepted).toBe(false);
    expect(judgeAs(task(199), ['bits_per_byte/own']).accepted).toBe(true);
    expect(judgeAs(task(160), ['bits_per_byte/own']).accepted).toBe(false);
    const errors = { ...base, ...tasks(task(200, { higherIsBetter: false })) };
    const fewer = { ...tuned(1.4, 1.2), ...tasks(task(160, { higherIsBetter: false })) };
    expect(judge(errors, fewer, { ...rules, metrics: ['lookup'] }, 1).accepted).toBe(true);
  });

  it('holds the larger of tolerance and two standard errors against the fall of few items', () => {
    const was = { ...base, ...tasks(task(6, { n: 12 })) };
    const now = { ...tuned(1.4, 1.2), ...tasks(task(5, { n: 12 })) };
    expect(judge(was, now, rules, 1).accepted).toBe(true);
    const [, , lookup] = judge(was, now, rules, 1).metrics;
    expect(lookup.limit).toBeGreaterThan(0.1);
  });

  it('proves nothing by one document', () => {
    const single = (bits: number): Measured => {
      const one: DocumentScore = { id: 'a', source: 's', nats: bits, bytes: 1 };
      return { bits: new Map([['own', [one]]]), tasks: new Map() };
    };
    const { accepted, reasons } = judge(single(2), single(1), rules, 1);
    expect(accepted).toBe(false);
    expect(reasons).toEqual([expect.stringContaining('too few items')]);
  });
});
