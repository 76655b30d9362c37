import { describe, expect, it } from 'vitest';
import { BestSoFar, type BestState } from './best-so-far.ts';
import { EarlyStopping, type EarlyStoppingOptions, type EarlyStoppingState } from './early-stopping.ts';
import { metricValue, usualMode } from './metric.ts';

const metric = { name: 'bits', mode: 'min' } as const;
const options: EarlyStoppingOptions = { metric, patience: 3, minDelta: 0, warmupSteps: 0 };

/** Evaluations every 10 steps. */
const curve = [2, 1.6, 1.4, 1.41, 1.38, 1.4, 1.38, 1.39, 1.2];

/** Replays a curve, through JSON between any two evaluations where `interrupted`. */
function replay(values: readonly number[], changes: Partial<EarlyStoppingOptions> = {}, interrupted = false) {
  const settings = { ...options, ...changes };
  let stopping = new EarlyStopping(settings);
  let best = new BestSoFar(settings.metric);
  for (const [i, bits] of values.entries()) {
    const step = 10 * (i + 1);
    stopping.observe(step, { bits });
    best.observe(step, { bits });
    if (interrupted) {
      const copy = (state: unknown) => state && JSON.parse(JSON.stringify(state));
      stopping = new EarlyStopping(settings, copy(stopping.state()) as EarlyStoppingState);
      best = new BestSoFar(settings.metric, copy(best.state()) as BestState);
    }
    if (stopping.stopped !== undefined) return { at: step, why: stopping.stopped, best: best.best };
  }
  return { at: undefined, best: best.best };
}

describe('early stopping', () => {
  it('ends a stored curve at the known step, with the known best of two equals', () => {
    expect(replay(curve)).toEqual({
      at: 80,
      why: 'bits has not improved on 1.38 at step 50 in 3 evaluations',
      best: { metric: 'bits', step: 50, value: 1.38 },
    });
  });

  it('decides the same when it is interrupted after every evaluation', () => {
    expect(replay(curve, {}, true)).toEqual(replay(curve));
    const forgetful = new EarlyStopping(options);
    for (const bits of curve.slice(5, 8)) forgetful.observe(1, { bits });
    expect(forgetful.stopped).toBeUndefined();
  });

  it('takes what is within min_delta for no improvement, but for a better model', () => {
    // 1.4 lies within the margin of 1.6, and no later value beats it by more.
    expect(replay(curve, { minDelta: 0.25 })).toMatchObject({ at: 50, best: { step: 50, value: 1.38 } });
  });

  it('does not count evaluations of the warm-up, nor those that are not numbers as better', () => {
    expect(replay(curve, { patience: 1 }).at).toBe(40);
    expect(replay(curve, { patience: 1, warmupSteps: 40 }).at).toBe(60);
    expect(replay([Number.NaN, Number.NaN, 1, Number.NaN], { patience: 2 }).at).toBe(20);
    expect(replay([3, Number.NEGATIVE_INFINITY, 2], { patience: 9 }).best).toMatchObject({ step: 30, value: 2 });
  });

  it('looks the other way for what should rise', () => {
    expect(replay([1, 2, 1, 2], { metric: { name: 'bits', mode: 'max' }, patience: 2 })).toMatchObject({
      at: 40,
      best: { step: 20, value: 2 },
    });
  });
});

describe('metrics', () => {
  it('knows which should fall', () => {
    for (const name of ['loss', 'bits_per_byte', 'bits_per_byte/accuracy', 'task.calibration_error', 'x/perplexity']) {
      expect(usualMode(name)).toBe('min');
    }
    for (const name of ['lookup.exact_match', 'lossless', 'sentiment.acc']) expect(usualMode(name)).toBe('max');
  });

  it('takes a prefix for the mean of what is under it, and only whole names', () => {
    const measured = { 'bits_per_byte/a': 1, 'bits_per_byte/b': 3, bits_per_byte_other: 100 };
    expect(metricValue({ name: 'bits_per_byte' }, measured)).toBe(2);
    expect(metricValue({ name: 'bits_per_byte/b' }, measured)).toBe(3);
    expect(metricValue({ name: 'toString' }, measured)).toBeUndefined();
  });
});
