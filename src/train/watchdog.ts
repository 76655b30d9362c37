/**
 * Watches the figures of every step for what goes wrong in training. It tells, and does nothing else unless it is asked to:
 * the usual range of the gradient norm in fine-tuning is that of axolotl's stability guide.
 *
 *     loss_spike         the loss lies far above the last ones, in robust deviations
 *     not_finite         loss, gradients or learning rate are NaN or infinite; the trainer leaves such a step out
 *     nothing_to_learn   no token of the step has a label
 *     gradient_norm      outside of its range for a whole window of steps
 *     always_clipped     above the clipping norm for a whole window of steps behind the warm-up, where that is usual
 *     loss_not_falling   no lower than in the beginning when a share of the run is over
 */
import { z } from 'zod';
import { median, RollingWindow } from './rolling-window.ts';
import type { StepFigures, StepReport } from './trainer.ts';

const alarmKinds = [
  'loss_spike',
  'not_finite',
  'nothing_to_learn',
  'gradient_norm',
  'always_clipped',
  'loss_not_falling',
] as const;
export type AlarmKind = (typeof alarmKinds)[number];

export interface WatchdogOptions {
  /** Steps of the run. */
  readonly steps: number;
  /** Of these, those in which the learning rate rises. */
  readonly warmupSteps: number;
  /** Norm to which gradients are clipped; infinite for no clipping. */
  readonly maxGradientNorm: number;
  /** What becomes of a step whose loss is a spike: taken, left out, or left out with the run stopped after it. */
  readonly onSpike: 'warn' | 'skip' | 'stop';
  /** What becomes of the run at any other alarm. */
  readonly onUnhealthy: 'warn' | 'stop';
  /** Steps that a loss is compared with, and for which norms must be out of range. */
  readonly window: number;
  /** Robust deviations above the median that make a spike. */
  readonly spikeDeviations: number;
  /** Healthy gradient norms, before clipping. */
  readonly gradientNorms: readonly [low: number, high: number];
  /** Share of the run after which the loss must be lower than in its beginning. */
  readonly fallingBy: number;
}

export interface Alarm {
  readonly kind: AlarmKind;
  readonly message: string;
  /** Whether it is the first of its kind in the run. */
  readonly first: boolean;
  readonly stop: boolean;
}

const count = z.int().nonnegative();
export const watchdogStateSchema = z.strictObject({
  /** Of the last steps, oldest first. */
  losses: z.array(z.number()).max(10_000),
  /** Median loss of the first steps, once they are over. */
  opening: z.number().optional(),
  /** Steps in a row whose norm is out of range, or above the clipping norm. */
  unhealthyNorms: count,
  clipped: count,
  alarms: z.partialRecord(z.enum(alarmKinds), count),
});

/** JSON-serialisable. */
export type WatchdogState = Readonly<z.infer<typeof watchdogStateSchema>>;

/** Losses that make a median worth comparing with. */
const fewestLosses = 10;

/** A window of nearly equal losses has no spread worth the name: differences below this share of the loss are none. */
const leastDeviation = 0.01;

export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #losses: RollingWindow;
  #opening: number | undefined;
  #unhealthyNorms: number;
  #clipped: number;
  readonly #alarms: Partial<Record<AlarmKind, number>>;

  constructor(
    options: WatchdogOptions,
    state: WatchdogState = { losses: [], unhealthyNorms: 0, clipped: 0, alarms: {} },
  ) {
    this.#options = options;
    this.#losses = new RollingWindow(options.window, state.losses);
    this.#opening = state.opening;
    this.#unhealthyNorms = state.unhealthyNorms;
    this.#clipped = state.clipped;
    this.#alarms = { ...state.alarms };
  }

  /** How often each kind has occurred. */
  get alarms(): Readonly<Partial<Record<AlarmKind, number>>> {
    return this.#alarms;
  }

  state(): WatchdogState {
    return {
      losses: [...this.#losses.values],
      opening: this.#opening,
      unhealthyNorms: this.#unhealthyNorms,
      clipped: this.#clipped,
      alarms: { ...this.#alarms },
    };
  }

  /** Why a step should be left out, asked before its update. */
  review({ loss }: StepFigures): string | undefined {
    return this.#options.onSpike === 'warn' ? undefined : this.#spike(loss);
  }

  /** Takes a step into account, once, in order. */
  observe(report: StepReport): Alarm[] {
    const { loss, labels, gradientNorm, learningRate, step } = report;
    if (labels === 0) return [this.#raise('nothing_to_learn', `step ${step}: no token of the step is to be learnt`)];
    if (![loss, gradientNorm, learningRate].every(Number.isFinite)) {
      return [this.#raise('not_finite', `step ${step}: ${report.skipped ?? 'the gradient norm overflows'}`)];
    }
    const alarms: Alarm[] = [];
    const spike = this.#spike(loss);
    if (spike !== undefined) alarms.push(this.#raise('loss_spike', `step ${step}: ${spike}`));
    this.#losses.push(loss);
    alarms.push(...this.#watchNorm(step, gradientNorm), ...this.#watchFall(step));
    return alarms;
  }

  #spike(loss: number): string | undefined {
    const { spikeDeviations } = this.#options;
    if (this.#losses.values.length < Math.min(fewestLosses, this.#options.window)) return undefined;
    const { median: usual, deviation } = this.#losses.figures();
    const distance = (loss - usual) / Math.max(deviation, leastDeviation * Math.abs(usual));
    if (!(distance > spikeDeviations)) return undefined;
    return `the loss ${loss.toPrecision(4)} is a spike, ${distance.toFixed(0)} deviations above the usual ${usual.toPrecision(4)}`;
  }

  *#watchNorm(step: number, norm: number): Generator<Alarm> {
    const { window, gradientNorms, maxGradientNorm, warmupSteps } = this.#options;
    const [low, high] = gradientNorms;
    this.#unhealthyNorms = norm < low || norm > high ? this.#unhealthyNorms + 1 : 0;
    this.#clipped = norm > maxGradientNorm && step > warmupSteps ? this.#clipped + 1 : 0;
    if (this.#unhealthyNorms === window) {
      this.#unhealthyNorms = 0;
      const advice = norm > high ? 'lower learning_rate, or look at the data' : 'the run may be learning nothing more';
      const found = `the gradient norm has been outside of ${low} to ${high} for ${window} steps, now ${norm.toPrecision(3)}`;
      yield this.#raise('gradient_norm', `step ${step}: ${found}: ${advice}`);
    }
    if (this.#clipped === window) {
      this.#clipped = 0;
      const found = `gradients have been clipped to ${maxGradientNorm} in each of ${window} steps, now from ${norm.toPrecision(3)}`;
      yield this.#raise('always_clipped', `step ${step}: ${found}: steps follow their direction only`);
    }
  }

  /** Compares the median loss of the first steps with that of as many steps up to the share of the run. */
  *#watchFall(step: number): Generator<Alarm> {
    const { steps, fallingBy, window } = this.#options;
    const end = Math.max(Math.ceil(fallingBy * steps), 2 * fewestLosses);
    const span = Math.min(Math.floor(end / 2), window);
    const losses = this.#losses.values;
    if (step > end || losses.length < span) return;
    this.#opening ??= median(losses);
    if (step < end) return;
    const now = median(losses.slice(-span));
    if (now < this.#opening) return;
    const found = `the loss has not fallen: ${this.#opening.toPrecision(4)} in the first ${span} steps, ${now.toPrecision(4)} in the last`;
    yield this.#raise('loss_not_falling', `step ${step}: ${found}: raise learning_rate, or look at the data`);
  }

  #raise(kind: AlarmKind, message: string): Alarm {
    const before = this.#alarms[kind] ?? 0;
    this.#alarms[kind] = before + 1;
    const { onSpike, onUnhealthy } = this.#options;
    const stop = (kind === 'loss_spike' ? onSpike : onUnhealthy) === 'stop';
    return { kind, message, first: before === 0, stop };
  }
}
