import { describe, expect, it } from 'vitest';
import { assertSchedule, learningRateAt, type Schedule } from './schedule.ts';

const rates = (schedule: Schedule) =>
  Array.from({ length: schedule.steps }, (_, step) => learningRateAt(step, schedule));
const base = { peak: 1, steps: 10, warmupSteps: 2, minimumRatio: 0.1 } as const;

describe('learningRateAt', () => {
  it('warms up in a straight line and reaches the peak with the last step of the warm-up', () => {
    for (const type of ['constant', 'linear', 'cosine', 'warmup_stable_decay'] as const) {
      expect(rates({ ...base, type }).slice(0, 2)).toEqual([0.5, 1]);
    }
  });

  it('ends at the minimum, and beyond the run stays there', () => {
    for (const type of ['linear', 'cosine', 'warmup_stable_decay'] as const) {
      const schedule = { ...base, type, decaySteps: 4 };
      expect(rates(schedule).at(-1)).toBeCloseTo(0.1, 12);
      expect(learningRateAt(50, schedule)).toBeCloseTo(0.1, 12);
    }
  });

  it('is halfway down in the middle of a cosine, and steepest there', () => {
    const all = rates({ ...base, type: 'cosine', minimumRatio: 0 });
    expect(all[5]).toBeCloseTo(0.5, 12);
    expect(all[4] - all[5]).toBeGreaterThan(all[2] - all[3]);
  });

  it('keeps the peak until the decay of warmup_stable_decay begins', () => {
    const all = rates({ ...base, type: 'warmup_stable_decay', decaySteps: 4, minimumRatio: 0 });
    expect(all.slice(1)).toEqual([1, 1, 1, 1, 1, 0.75, 0.5, 0.25, 0]);
  });

  it('falls evenly in linear', () => {
    const all = rates({ ...base, type: 'linear', minimumRatio: 0 });
    all.slice(2).forEach((rate, i) => {
      expect(rate).toBeCloseTo(1 - (i + 1) / 8, 12);
    });
  });
});

describe('assertSchedule', () => {
  it('refuses phases that are longer than the run, and rates that are none', () => {
    expect(() => assertSchedule({ ...base, type: 'warmup_stable_decay', decaySteps: 9 })).toThrow(
      /within the run's 10/,
    );
    expect(() => assertSchedule({ ...base, type: 'linear', peak: Number.NaN })).toThrow(/learning_rate/);
    expect(() => assertSchedule({ ...base, type: 'linear', minimumRatio: 2 })).toThrow(/min_lr_ratio/);
  });
});
