/** The kinds of stages and their settings. */
import { z } from 'zod';
import { count, identifier, setNames } from './fields.ts';
import { weightSchedule } from './mixture.ts';
import { training } from './training.ts';

export const cpt = z.strictObject({
  mixture: z
    .record(identifier, weightSchedule)
    .optional()
    .describe('Weights of the data sets; all documents alike unless told.'),
  unit: z.enum(['tokens', 'examples']).default('tokens').describe('What weights are shares of.'),
  tokens: count(1e13).default(1_000_000).describe('Length of the run.'),
  max_epochs: count(1_000_000)
    .nullable()
    .default(null)
    .describe('Passes over a set after which it leaves the mixture; null for no limit.'),
  ...training,
});

export const sft = z.strictObject({
  on: setNames.optional().describe('Sets of conversations to learn from; all of them unless told.'),
  num_train_epochs: count(10_000).default(2).describe('Passes over every set.'),
  neftune_noise_alpha: z
    .number()
    .positive()
    .max(1000)
    .nullable()
    .default(null)
    .describe('Noise on embeddings while training (NEFTune), such as 5; null for none.'),
  ...training,
  learning_rate: training.learning_rate.default(2e-5),
  lr_scheduler_type: training.lr_scheduler_type.default('linear'),
  warmup_ratio: training.warmup_ratio.default(0.03),
  min_lr_ratio: training.min_lr_ratio.default(0),
  weight_decay: training.weight_decay.default(0),
});
