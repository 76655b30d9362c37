import { describe, expect, it } from 'vitest';
import type { MeasuredTask } from './measured-task.ts';
import { summariseTasks } from './summarise-tasks.ts';

const task = (name: string, verdicts: readonly (0 | 1 | null)[], changes: Partial<MeasuredTask> = {}) => {
  const scored = verdicts.filter((verdict) => verdict !== null);
  const measured: MeasuredTask = {
    task: name,
    metric: 'exact_match',
    higherIsBetter: true,
    aggregation: 'mean',
    labels: undefined,
    value: scored.length === 0 ? null : scored.reduce<number>((sum, verdict) => sum + verdict, 0) / scored.length,
    stderr: null,
    n: scored.length,
    items: verdicts.map((verdict, i) => ({
      id: String(i),
      cluster: undefined,
      contributions: [verdict === null ? null : { kind: 'value', value: verdict }],
    })),
    ...changes,
  };
  return new Map([[name, measured]]);
};
const options = { confidence: 0.95, seed: 1 };
const right = Array.from({ length: 40 }, (_, i): 0 | 1 => (i < 30 ? 1 : 0));
const wrong = Array.from({ length: 40 }, (_, i): 0 | 1 => (i < 10 ? 1 : 0));

describe('summariseTasks', () => {
  it('gives a share the interval of Wilson, and nothing to compare a base with', () => {
    const [figure] = summariseTasks(task('lookup', wrong), undefined, options);
    expect(figure).toMatchObject({ task: 'lookup', value: 0.25, n: 40 });
    // (p + z²/2n ± z sqrt(p(1 - p)/n + z²/4n²)) / (1 + z²/n) for 10 of 40 and z = 1.96.
    expect(figure.interval?.low).toBeCloseTo(0.1419, 3);
    expect(figure.interval?.high).toBeCloseTo(0.4019, 3);
    expect(figure).not.toHaveProperty('change');
  });

  it('compares item by item: what both got right adds nothing to the error', () => {
    const [{ change }] = summariseTasks(task('lookup', right), task('lookup', wrong), options);
    expect(change?.value).toBeCloseTo(0.5);
    expect(change?.interval?.low).toBeGreaterThan(0.3);
    expect(change?.interval?.high).toBeLessThan(0.7);
    const [same] = summariseTasks(task('lookup', right), task('lookup', right), options);
    expect(same.change?.value).toBe(0);
  });

  it('compares nothing where no item was answered twice', () => {
    expect(summariseTasks(task('lookup', right), new Map(), options)[0].change).toBeNull();
    const [lost] = summariseTasks(task('lookup', [null, null]), task('lookup', [1, 0]), options);
    expect(lost).toMatchObject({ value: null, interval: null, change: null });
  });
});
