/** How the machine is used. */
import { z } from 'zod';
import { count } from './fields.ts';

export const engine = z.strictObject({
  threads: count(1024).nullable().default(null).describe('Threads of one operator; null for one per core.'),
  memory: z
    .enum(['arena', 'lean'])
    .default('arena')
    .describe('arena keeps working memory for reuse (fast), lean returns it after each use (small).'),
});
