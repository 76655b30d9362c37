/** What a stage watches while it trains, made from its settings and, where it goes on, from what it knew. */
import { UsageError } from '../errors.ts';
import { BestSoFar } from '../train/best-so-far.ts';
import { EarlyStopping } from '../train/early-stopping.ts';
import type { LoopState } from '../train/loop-state.ts';
import { metricValue, usualMode, type WatchedMetric } from '../train/metric.ts';
import type { Schedule } from '../train/schedule.ts';
import { Watchdog, type WatchdogOptions } from '../train/watchdog.ts';
import { nearest } from '../yaml/near-miss.ts';

/** Settings under the names of a recipe. */
export interface WatchSettings {
  readonly early_stopping?: EarlyStoppingSettings | null;
  /** Whether the result is the best evaluated model, and by which metric; null for where there is early stopping. */
  readonly load_best?: boolean | string | null;
  readonly watchdog?: WatchdogSettings;
}

interface EarlyStoppingSettings {
  readonly metric: string;
  /** Null for what is usual for the metric. */
  readonly mode: WatchedMetric['mode'] | null;
  readonly patience: number;
  readonly min_delta: number;
  /** Below 1 a share of the run, from 1 on evaluations. */
  readonly warmup: number;
}

interface WatchdogSettings {
  readonly on_spike: WatchdogOptions['onSpike'];
  readonly on_unhealthy: WatchdogOptions['onUnhealthy'];
  readonly window: number;
  readonly spike_deviations: number;
  readonly grad_norm_range: readonly [number, number];
  readonly falling_by: number;
}

export interface WatchOptions {
  readonly schedule: Pick<Schedule, 'steps' | 'warmupSteps'>;
  /** Steps between evaluations; none otherwise. */
  readonly evaluateEvery: number | undefined;
  readonly maxGradientNorm: number;
  /** Of a run that is continued. */
  readonly state?: LoopState;
}

export interface TrainingWatch {
  readonly best?: BestSoFar;
  readonly earlyStopping?: EarlyStopping;
  readonly watchdog?: Watchdog;
}

/** Of all bits per byte that are measured the mean. */
const usualMetric = 'bits_per_byte';

/** @throws UsageError for early stopping in a run without evaluations */
export function watchTraining(settings: WatchSettings, options: WatchOptions): TrainingWatch {
  const { early_stopping: stopping, watchdog } = settings;
  const { schedule, evaluateEvery, maxGradientNorm, state } = options;
  const best = bestMetric(settings);
  if (stopping && evaluateEvery === undefined) {
    throw new UsageError({
      field: 'early_stopping',
      found: 'no evaluations while training',
      expected: 'a share of the run in evaluation.every',
      fix: 'Set evaluation.every, such as 0.05, or leave early_stopping out.',
    });
  }
  return {
    best: best && new BestSoFar(best, state?.best),
    earlyStopping: stopping
      ? new EarlyStopping(
          {
            metric: metricOf(stopping.metric, stopping.mode),
            patience: stopping.patience,
            minDelta: stopping.min_delta,
            warmupSteps: Math.round(stopping.warmup * (stopping.warmup < 1 ? schedule.steps : evaluateEvery!)),
          },
          state?.earlyStopping,
        )
      : undefined,
    watchdog: watchdog && new Watchdog(watchdogOptions(watchdog, schedule, maxGradientNorm), state?.watchdog),
  };
}

/** By which the result is chosen; `undefined` for the last model. */
export function bestMetric({ early_stopping: stopping, load_best }: WatchSettings): WatchedMetric | undefined {
  const wanted = load_best ?? stopping != null;
  if (wanted === false) return undefined;
  const name = typeof wanted === 'string' ? wanted : (stopping?.metric ?? usualMetric);
  return metricOf(name, stopping?.metric === name ? stopping.mode : null);
}

/**
 * That a misspelt metric is told before the first step, not after the first evaluation.
 * @param measured names of all that an evaluation measures
 * @throws UsageError
 */
export function assertMeasured(settings: WatchSettings, measured: readonly string[]): void {
  const names = [...measured, 'loss'];
  const values = Object.fromEntries(names.map((name) => [name, 0]));
  const best = bestMetric(settings)?.name;
  for (const [field, name] of [
    ['early_stopping.metric', settings.early_stopping?.metric],
    ['load_best', best],
  ] as const) {
    if (name === undefined || metricValue({ name }, values) !== undefined) continue;
    const meant = nearest(name, names);
    throw new UsageError({
      field,
      found: JSON.stringify(name),
      expected: `one of ${names.join(', ')}`,
      fix: meant === undefined ? 'Name a metric that is measured while training.' : `Did you mean "${meant}"?`,
    });
  }
}

const metricOf = (name: string, mode: WatchedMetric['mode'] | null): WatchedMetric => {
  return { name, mode: mode ?? usualMode(name) };
};

const watchdogOptions = (
  settings: WatchdogSettings,
  { steps, warmupSteps }: Pick<Schedule, 'steps' | 'warmupSteps'>,
  maxGradientNorm: number,
): WatchdogOptions => ({
  steps,
  warmupSteps,
  maxGradientNorm,
  onSpike: settings.on_spike,
  onUnhealthy: settings.on_unhealthy,
  window: settings.window,
  spikeDeviations: settings.spike_deviations,
  gradientNorms: settings.grad_norm_range,
  fallingBy: settings.falling_by,
});
