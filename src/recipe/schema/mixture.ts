/** Weights of data sets, constant or changing over a run. */
import { z } from 'zod';
import { partOfRun } from './fields.ts';

const weight = z.number().nonnegative();
export const weightSchedule = z
  .union([
    weight,
    z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('constant'), weight }),
      z.strictObject({ kind: z.enum(['linear', 'cosine']), from: weight, to: weight }),
      z.strictObject({
        kind: z.literal('steps'),
        steps: z
          .array(z.strictObject({ at: partOfRun.describe('Share of the run from which this weight holds.'), weight }))
          .min(1)
          .max(1000),
      }),
    ]),
  ])
  .describe('A weight, or how it changes over the run; only the ratio between sets matters.');
