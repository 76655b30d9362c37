/** What the loop knows beside the trainer: kept in every checkpoint, so that a continued run decides as an uninterrupted one. */
import { z } from 'zod';
import { bestStateSchema } from './best-so-far.ts';
import { earlyStoppingStateSchema } from './early-stopping.ts';
import { meterStateSchema } from './meter.ts';
import { watchdogStateSchema } from './watchdog.ts';

export const loopStateSchema = z.strictObject({
  /** Since the last entry of the log, and since the last evaluation. */
  meter: meterStateSchema,
  sinceEvaluation: meterStateSchema,
  /** The last step that each evaluator has looked at. */
  evaluated: z.record(z.string(), z.int().nonnegative()),
  best: bestStateSchema.optional(),
  earlyStopping: earlyStoppingStateSchema.optional(),
  watchdog: watchdogStateSchema.optional(),
});

/** JSON-serialisable. */
export type LoopState = Readonly<z.infer<typeof loopStateSchema>>;
