/** The best evaluation of a run so far; of equals the earlier one. */
import { z } from 'zod';
import { isBetter, type Measured, metricValue, type WatchedMetric } from './metric.ts';

export const bestStateSchema = z.strictObject({ step: z.int().nonnegative(), value: z.number() });

/** JSON-serialisable. */
export type BestState = Readonly<z.infer<typeof bestStateSchema>>;

export interface Best extends BestState {
  readonly metric: string;
}

export class BestSoFar {
  readonly metric: WatchedMetric;
  #best: BestState | undefined;

  constructor(metric: WatchedMetric, state?: BestState) {
    this.metric = metric;
    this.#best = state;
  }

  get best(): Best | undefined {
    return this.#best && { ...this.#best, metric: this.metric.name };
  }

  state(): BestState | undefined {
    return this.#best;
  }

  /** Whether the model of this step is better than every one before. */
  observe(step: number, measured: Measured): boolean {
    const value = metricValue(this.metric, measured);
    if (value === undefined || !Number.isFinite(value)) return false;
    if (this.#best && !isBetter(value, this.#best.value, this.metric)) return false;
    this.#best = { step, value };
    return true;
  }
}
