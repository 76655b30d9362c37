/** What a stage of training watches while it runs, and what it does about it. */
import { z } from 'zod';
import { count } from './fields.ts';

const metric = z.string().min(1).max(200);

export const earlyStopping = z
  .strictObject({
    metric: metric
      .default('bits_per_byte')
      .describe('A metric measured while training, such as bits_per_byte/finance or loss; a prefix is a mean.'),
    mode: z
      .enum(['min', 'max'])
      .nullable()
      .default(null)
      .describe('Whether it should fall or rise; null: losses, bits and errors fall, the rest rises.'),
    patience: count(100_000).default(3).describe('Evaluations in a row without an improvement that end the stage.'),
    min_delta: z.number().nonnegative().default(0).describe('What counts as an improvement: more than this.'),
    warmup: z
      .number()
      .nonnegative()
      .max(100_000)
      .default(0)
      .describe('Evaluations that are not counted at first; below 1 as a share of the run.'),
  })
  .nullable()
  .default(null)
  .describe('Ends the stage when a metric has stopped getting better; null for never.');

export const loadBest = z
  .union([z.boolean(), metric])
  .nullable()
  .default(null)
  .describe('Make the best evaluated model the result: true, or the metric; null for where there is early stopping.');

export const watchdog = z
  .strictObject({
    on_spike: z
      .enum(['warn', 'skip', 'stop'])
      .default('warn')
      .describe('When a loss lies far above the last ones: warn, leave the step out, or leave it out and stop.'),
    on_unhealthy: z
      .enum(['warn', 'stop'])
      .default('warn')
      .describe(
        'When a figure is not finite, nothing is learnt, gradients are out of range, or the loss does not fall.',
      ),
    window: count(10_000)
      .min(2)
      .default(50)
      .describe('Steps that a loss is compared with, and for which gradients must be out of range.'),
    spike_deviations: z
      .number()
      .positive()
      .default(10)
      .describe('Robust deviations above the median of the window that make a spike.'),
    grad_norm_range: z
      .tuple([z.number().nonnegative(), z.number().positive()])
      .refine(([low, high]) => low < high, 'the lower one first')
      .default([0.1, 10])
      .describe('Healthy gradient norms before clipping.'),
    falling_by: z
      .number()
      .gt(0)
      .max(1)
      .default(0.2)
      .describe('Share of the run after which the loss must be lower than in its beginning.'),
  })
  .prefault({})
  .describe('Tells what goes wrong in training, and acts on it where asked.');
