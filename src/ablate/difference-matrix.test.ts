import { describe, expect, it } from 'vitest';
import type { Measured } from '../recipe/measure/measuring.ts';
import { differenceMatrix } from './difference-matrix.ts';

/** Bits per byte of one set over four documents, and an accuracy over twenty items. */
function measured(bits: number, right: number): Measured {
  const scores = [0, 1, 2, 3].map((i) => {
    return { id: String(i), source: 's', nats: bits * Math.LN2 * 100 + (i - 1.5), bytes: 100 };
  });
  const items = Array.from({ length: 20 }, (_, i) => ({
    id: String(i),
    cluster: undefined,
    contributions: [{ kind: 'value' as const, value: i < right ? 1 : 0 }],
  }));
  const task = {
    task: 'lookup',
    metric: 'acc',
    higherIsBetter: true,
    aggregation: 'mean',
    labels: undefined,
    value: right / 20,
    stderr: null,
    n: 20,
    items,
  };
  return { bits: new Map([['prose', scores]]), tasks: new Map([['lookup', task]]) };
}

const cells = (whole: readonly Measured[], without: readonly Measured[], confidence = 0.95) => {
  const seeds = whole.map((_, i) => i + 1);
  const matrix = differenceMatrix(whole, [{ name: 'without-cpt', measured: without }], { seeds, confidence });
  return { matrix, bits: matrix.rows[0].cells[0], task: matrix.rows[0].cells[1] };
};

describe('differenceMatrix', () => {
  const whole = [measured(1, 10), measured(1.2, 12), measured(1.1, 8)];

  it('has a column for every metric, with the values of the whole chain by seed', () => {
    const { columns, errorsOver } = cells(whole, whole).matrix;
    expect(columns).toMatchObject([
      { name: 'bits_per_byte/prose', metric: 'bits_per_byte', higherIsBetter: false },
      { name: 'lookup', metric: 'acc', higherIsBetter: true, whole: [0.5, 0.6, 0.4] },
    ]);
    expect(columns[0].whole).toEqual([1, 1.2, 1.1].map((bits) => expect.closeTo(bits)));
    expect(errorsOver).toBe('seeds');
  });

  it('pairs by seed: what seeds have in common cancels', () => {
    const { bits, task } = cells(whole, [measured(1.3, 7), measured(1.5, 9), measured(1.4, 5)]);
    expect(bits).toMatchObject({ difference: expect.closeTo(0.3), verdict: 'worse' });
    expect(bits.standardError).toBeCloseTo(0, 10);
    expect(task.differences).toEqual([-0.15, -0.15, -0.15].map((each) => expect.closeTo(each)));
  });

  it("marks beyond Student's t, not beyond two standard errors", () => {
    // Differences of 1, 2 and 3 twentieths: a mean of 0.1 with an error of 0.05 / sqrt(3); t is 3.46 and the limit 4.30.
    const three = [measured(1, 11), measured(1.2, 14), measured(1.1, 11)];
    const { task } = cells(whole, three);
    expect(task.standardError).toBeCloseTo(0.05 / Math.sqrt(3));
    expect(task.limit).toBeCloseTo((4.302653 * 0.05) / Math.sqrt(3), 6);
    expect(task.verdict).toBe('unclear');
    // At 90% the limit is 2.92.
    expect(cells(whole, three, 0.9).task.verdict).toBe('better');
  });

  it('takes the errors of items for one seed', () => {
    const { matrix, task, bits } = cells([measured(1, 4)], [measured(1.4, 16)]);
    expect(matrix.errorsOver).toBe('items');
    // Twelve of twenty differ by one: a standard deviation of 0.49, over the root of 20.
    expect(task.standardError! / Math.sqrt((0.6 * 0.4) / 20)).toBeCloseTo(1, 1);
    expect(task.limit).toBeCloseTo(1.959964 * task.standardError!, 5);
    expect(task.verdict).toBe('better');
    expect(bits.verdict).toBe('worse');
  });

  it('says nothing where a seed has no score, and marks no difference of nothing', () => {
    const none = measured(1, 5);
    const items = none.tasks.get('lookup')!.items.map((item) => ({ ...item, contributions: [null] }));
    const lost = { ...none, tasks: new Map([['lookup', { ...none.tasks.get('lookup')!, value: null, items }]]) };
    expect(cells(whole, [whole[0], lost, whole[2]]).task).toMatchObject({
      difference: null,
      verdict: 'unclear',
      standardError: null,
    });
    expect(cells(whole, whole).task).toMatchObject({ difference: 0, verdict: 'unclear' });
  });
});
