/**
 * Ends a run whose evaluations have stopped getting better: after `patience` of them in a row of which none beat the best by
 * more than `minDelta` (Prechelt 1998, "Early stopping - but when?", criterion UP with a margin).
 */
import { z } from 'zod';
import { isBetter, type Measured, metricValue, type WatchedMetric } from './metric.ts';

export interface EarlyStoppingOptions {
  readonly metric: WatchedMetric;
  /** Evaluations in a row without an improvement after which the run ends. */
  readonly patience: number;
  /** What counts as an improvement: more than this, in the metric's unit. */
  readonly minDelta: number;
  /** Steps before which evaluations are not counted against the run. */
  readonly warmupSteps: number;
}

export const earlyStoppingStateSchema = z.strictObject({
  /** What later evaluations have to beat. */
  reference: z.strictObject({ step: z.int().nonnegative(), value: z.number() }).optional(),
  /** Evaluations since, those of the warm-up left out. */
  waited: z.int().nonnegative(),
  stopped: z.string().optional(),
});

/** JSON-serialisable. */
export type EarlyStoppingState = Readonly<z.infer<typeof earlyStoppingStateSchema>>;

export class EarlyStopping {
  readonly #options: EarlyStoppingOptions;
  #state: EarlyStoppingState;

  constructor(options: EarlyStoppingOptions, state: EarlyStoppingState = { waited: 0 }) {
    this.#options = options;
    this.#state = state;
  }

  /** Why the run is to end; `undefined` while it goes on. */
  get stopped(): string | undefined {
    return this.#state.stopped;
  }

  state(): EarlyStoppingState {
    return this.#state;
  }

  /** Takes an evaluation into account. One that is not finite is no improvement. */
  observe(step: number, measured: Measured): void {
    const { metric, patience, minDelta, warmupSteps } = this.#options;
    const value = metricValue(metric, measured);
    if (value === undefined) return;
    const { reference } = this.#state;
    if (Number.isFinite(value) && (!reference || isBetter(value, reference.value, metric, minDelta))) {
      this.#state = { reference: { step, value }, waited: 0 };
      return;
    }
    const waited = step <= warmupSteps ? 0 : this.#state.waited + 1;
    const since = reference ? `${Number(reference.value.toPrecision(6))} at step ${reference.step}` : 'the beginning';
    const margin = minDelta > 0 ? ` by more than ${minDelta}` : '';
    const stopped =
      waited >= patience
        ? `${metric.name} has not improved${margin} on ${since} in ${waited} ${waited === 1 ? 'evaluation' : 'evaluations'}`
        : undefined;
    this.#state = { reference, waited, stopped };
  }
}
