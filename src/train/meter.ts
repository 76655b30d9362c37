/** Means of what a run measures between two entries of its log. Speed leaves evaluations and checkpoints out. */
import { z } from 'zod';
import type { StepReport } from './trainer.ts';

const sum = z.number().default(0);

/** Sums since the last entry: kept in checkpoints, so that a continued run logs the means of an uninterrupted one. */
export const meterStateSchema = z.strictObject({
  nats: sum,
  labels: sum,
  tokens: sum,
  steps: sum,
  norms: sum,
  milliseconds: sum,
});

/** JSON-serialisable. */
export type MeterState = Readonly<z.infer<typeof meterStateSchema>>;

export class Meter {
  #sums: z.infer<typeof meterStateSchema>;
  #learningRate = 0;
  #from = performance.now();

  constructor(state: MeterState = meterStateSchema.parse({})) {
    this.#sums = { ...state };
  }

  state(): MeterState {
    return { ...this.#sums };
  }

  add(report: StepReport): void {
    const now = performance.now();
    const sums = this.#sums;
    sums.milliseconds += now - this.#from;
    this.#from = now;
    sums.tokens += report.tokens;
    this.#learningRate = report.learningRate;
    if (report.skipped !== undefined) return;
    sums.nats += report.loss * report.labels;
    sums.labels += report.labels;
    sums.norms += report.gradientNorm;
    sums.steps++;
  }

  /** Leaves out the time since the last step. */
  pause(): void {
    this.#from = performance.now();
  }

  /** The means, and begins anew. Loss and norm are those of steps that were not skipped. */
  take(): Record<string, number> {
    const { nats, labels, tokens, steps, norms, milliseconds } = this.#sums;
    this.#sums = meterStateSchema.parse({});
    return {
      ...(steps > 0 && { loss: nats / labels, grad_norm: norms / steps }),
      learning_rate: this.#learningRate,
      tokens_per_second: tokens / (milliseconds / 1000),
    };
  }
}
