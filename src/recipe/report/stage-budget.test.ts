import { expect, it } from 'vitest';
import { stageBudgets } from './stage-budget.ts';
import { syntheticRun } from './testing/synthetic-run.ts';

const run = syntheticRun();
const log = (entries: readonly (readonly [step: number, metric: string, value: number])[]) =>
  entries.map(([step, metric, value]) => ({ step, stage: 'cpt', metric, value, time: '2026-01-31T09:30:00.000Z' }));

it('adds up tokens over speed, entry by entry', () => {
  const events = log([
    [10, 'tokens', 1000],
    [10, 'tokens_per_second', 100],
    [20, 'tokens', 3000],
    [20, 'tokens_per_second', 400],
  ]);
  expect(stageBudgets({ ...run, events })[0].seconds).toBeCloseTo(10 + 5);
});

it('knows no time that the log does not tell', () => {
  expect(stageBudgets({ ...run, events: [] })[0].seconds).toBeUndefined();
  expect(stageBudgets({ ...run, events: log([[10, 'tokens', 1000]]) })[0].seconds).toBeUndefined();
});
