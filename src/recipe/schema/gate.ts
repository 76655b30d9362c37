/** The condition that a stage's result is held against. */
import { z } from 'zod';

/** A set as bits_per_byte/<set>, ndcg_at_10/<set> or mrr/<set>, or a task by its name. */
const metricName = z
  .string()
  .max(128)
  .regex(/^[\w./-]+$/, 'bits_per_byte/<set>, ndcg_at_10/<set> or the name of a task');

export const gate = z.strictObject({
  metrics: z
    .array(metricName)
    .max(100)
    .optional()
    .describe(
      'What the stage is for: each must improve by more than two standard errors. Unless told, bits_per_byte of the set that cpt weighs most, or of the conversations; ndcg_at_10 of the pairs; of a merge, those of the stages that it merges.',
    ),
  tolerance: z
    .number()
    .min(0)
    .max(1)
    .default(0.02)
    .describe(
      'How far anything else may fall, if that is more than two standard errors: points of a task (0.02 is two), a share of bits per byte.',
    ),
  on_fail: z
    .enum(['warn', 'stop'])
    .default('warn')
    .describe('Go on all the same and say so, or end the run with exit code 4.'),
});
