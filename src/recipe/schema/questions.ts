/** How tasks are put to a model: between stages, and in a stage of their own. */
import { z } from 'zod';
import { count } from './fields.ts';

/** A name such as finworld_sentiment, or a file. */
const task = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^[^\0]*$/);

/** Everything but which tasks. */
export const asking = {
  limit: count(10_000_000).nullable().default(null).describe('Ask so many items of each task at most.'),
  num_fewshot: z
    .int()
    .nonnegative()
    .max(1000)
    .nullable()
    .default(null)
    .describe('Examples before each question; null for what the task says.'),
  chat: z.boolean().default(false).describe("Ask through the model's chat template."),
  system: z.string().max(100_000).nullable().default(null).describe('What precedes every conversation.'),
  max_gen_toks: count(1 << 20)
    .nullable()
    .default(null)
    .describe('Cut answers off after so many tokens; null for what each task says.'),
  precision: z.enum(['f32', 'int8', 'int4']).default('f32').describe('How matrices are held while answering.'),
};

export const taskNames = z.array(task).max(100);

export const questions = {
  tasks: taskNames.min(1).describe('Names as finery eval tasks lists them, or .yaml files relative to the recipe.'),
  ...asking,
};
