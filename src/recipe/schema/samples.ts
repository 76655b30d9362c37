/** What a model is asked while it is trained. */
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
      .describe('Share of the run between samples; null for its start and end only.'),
    max_tokens: count(4096).default(64).describe('Longest answer.'),
  })
  .nullable()
  .prefault({})
  .describe('Answers of the model before, during and after training, in samples.jsonl; null for none.');
