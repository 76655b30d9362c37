/** Learning rate over the steps of a run: a linear warm-up, then one of four shapes. */
import { UsageError } from '../errors.ts';

export const scheduleTypes = ['constant', 'linear', 'cosine', 'warmup_stable_decay'] as const;

export interface Schedule {
  readonly type: (typeof scheduleTypes)[number];
  /** The learning rate after the warm-up. */
  readonly peak: number;
  /** Optimizer steps of the run. */
  readonly steps: number;
  /** Steps of the warm-up; step s of them has peak * (s + 1) / warmupSteps. */
  readonly warmupSteps: number;
  /** Share of the peak that `linear`, `cosine` and `warmup_stable_decay` reach with the last step. Default 0. */
  readonly minimumRatio?: number;
  /** Last steps of `warmup_stable_decay`, in which the rate falls in a straight line. */
  readonly decaySteps?: number;
}

/** The learning rate of a step, counted from 0. */
export function learningRateAt(step: number, schedule: Schedule): number {
  const { type, peak, steps, warmupSteps, minimumRatio = 0, decaySteps = 0 } = schedule;
  if (step < warmupSteps) return (peak * (step + 1)) / warmupSteps;
  const between = (progress: number) => peak * (minimumRatio + (1 - minimumRatio) * (1 - progress));
  const progress = Math.min(1, (step + 1 - warmupSteps) / Math.max(1, steps - warmupSteps));
  switch (type) {
    case 'constant':
      return peak;
    case 'linear':
      return between(progress);
    case 'cosine':
      return between((1 - Math.cos(Math.PI * progress)) / 2);
    case 'warmup_stable_decay':
      return between(Math.min(1, Math.max(0, (step + 1 - (steps - decaySteps)) / Math.max(1, decaySteps))));
    default:
      return type satisfies never;
  }
}

/** @throws UsageError for a schedule that does not fit in its run. */
export function assertSchedule({ peak, steps, warmupSteps, minimumRatio = 0, decaySteps = 0 }: Schedule): void {
  const refuse = (field: string, found: number, expected: string) =>
    new UsageError({ field, found: String(found), expected, fix: 'Correct the learning-rate schedule.' });
  if (!(peak > 0 && peak < Infinity)) throw refuse('learning_rate', peak, 'a positive number');
  if (!(minimumRatio >= 0 && minimumRatio <= 1)) throw refuse('min_lr_ratio', minimumRatio, 'a share from 0 to 1');
  if (warmupSteps + decaySteps > steps) {
    throw refuse('warmup_ratio', warmupSteps + decaySteps, `warm-up and decay within the run's ${steps} steps`);
  }
}
