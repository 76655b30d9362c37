/** What models are asked for people to read. */
import { z } from 'zod';
import { count } from './fields.ts';

export const samples = z
  .strictObject({
    prompts: z
      .array(z.string().min(1).max(20_000))
      .min(1)
      .max(100)
      .nullable()
      .default(null)
      .describe('What to ask, or texts to go on with; null for beginnings of held-out ones.'),
    count: count(100).default(3).describe('How many of the held-out ones.'),
    every: z
      .number()
      .gt(0)
      .max(1)
      .nullable()
      .default(null)
      .describe(
        'Share of the run between samples while training, in training-samples.jsonl; null for none on the way.',
      ),
    max_tokens: count(4096).default(64).describe('Longest answer.'),
  })
  .nullable()
  .prefault({})
  .describe(
    'Put to every model of the run, with the answers in samples.jsonl beside it; null for nothing of this stage.',
  );
