/** What every stage of training can be told. */
import { z } from 'zod';
import { adapter } from './adapter.ts';
import { count, partOfRun } from './fields.ts';
import { samples } from './samples.ts';
import { earlyStopping, loadBest, watchdog } from './training-watch.ts';

/** The word is a number by the time that a recipe is checked, see `chooseRates`. */
const learningRate = z.union([z.number().positive().max(10), z.literal('auto')]).transform((value, context): number => {
  if (value !== 'auto') return value;
  context.addIssue({ code: 'custom', message: 'a number, where the size of the base cannot be told' });
  return z.NEVER;
});

/** A stage may have other defaults. */
export const training = {
  batch: z
    .strictObject({
      rows: count(65_536).default(8).describe('Sequences of one forward pass.'),
      length: count(2 ** 20)
        .min(2)
        .default(256)
        .describe('Tokens of a sequence.'),
      gradient_accumulation_steps: count(65_536).default(1).describe('Forward passes of one optimizer step.'),
    })
    .prefault({})
    .describe('What one optimizer step learns from.'),
  adapter,
  learning_rate: learningRate
    .default(3e-4)
    .describe('A number, the highest learning rate; auto, as nothing, chooses it by the size of the model.'),
  lr_scheduler_type: z
    .enum(['constant', 'linear', 'cosine', 'warmup_stable_decay'])
    .default('cosine')
    .describe('Course of the learning rate after the warm-up.'),
  warmup_ratio: z.number().min(0).lt(1).default(0.05).describe('Share of the steps over which it rises from zero.'),
  min_lr_ratio: partOfRun.default(0.1).describe('Where linear, cosine and decay end, as a share of learning_rate.'),
  decay_ratio: z
    .number()
    .gt(0)
    .max(1)
    .default(0.2)
    .describe('Share of the steps that warmup_stable_decay decays over.'),
  optimizer: z
    .enum(['adamw', 'muon'])
    .default('adamw')
    .describe('muon: orthogonal updates for matrices inside the model, AdamW for embeddings, head, norms and biases.'),
  adam_beta1: z.number().min(0).lt(1).default(0.9).describe('Decay rate of the first moment.'),
  adam_beta2: z.number().min(0).lt(1).default(0.95).describe('Decay rate of the second moment.'),
  adam_epsilon: z.number().nonnegative().max(1).default(1e-8).describe('Added to the root of the second moment.'),
  muon_momentum: z.number().min(0).lt(1).default(0.95).describe('Decay rate of the momentum of muon.'),
  muon_adjust_lr_fn: z
    .enum(['match_rms_adamw', 'original'])
    .default('match_rms_adamw')
    .describe(
      'Size of the updates of muon: as large as those of AdamW, whose learning rates and decay then serve; original is ' +
        'the root of rows by columns, at least 1, and wants a learning rate of its own.',
    ),
  weight_decay: z.number().nonnegative().max(10).default(0.1).describe('Decoupled weight decay, on matrices.'),
  exempt_embeddings: z.boolean().default(false).describe('Leave embeddings out of weight decay.'),
  max_grad_norm: z
    .number()
    .positive()
    .nullable()
    .default(1)
    .describe('Gradients are scaled down to this norm; null for no limit.'),
  max_skipped_steps: z
    .int()
    .nonnegative()
    .max(1_000_000)
    .default(5)
    .describe('Steps in a row that may be skipped for a non-finite gradient before the run stops.'),
  evaluation: z
    .strictObject({
      every: z.number().gt(0).max(1).nullable().default(0.25).describe('Share of the run; null for the end only.'),
    })
    .prefault({})
    .describe('Measurements while training.'),
  early_stopping: earlyStopping,
  load_best: loadBest,
  watchdog,
  samples,
  logging_steps: count(1_000_000_000).default(10).describe('Steps between two entries of the event log.'),
  checkpoints: z
    .strictObject({
      every_seconds: z.number().positive().max(1e9).default(300).describe('Time between two checkpoints.'),
      keep_last: count(10_000).default(2).describe('How many are kept.'),
      budget_gb: z
        .number()
        .positive()
        .nullable()
        .default(null)
        .describe('Most space that they may take, in units of 10^9 bytes; null for no limit.'),
    })
    .prefault({})
    .describe('What a run that was interrupted continues from.'),
};

/** Gentler than pretraining: a tuned model has more to lose, and no decay keeps it near its base. */
export const tuning = {
  ...training,
  learning_rate: training.learning_rate.default(2e-5),
  lr_scheduler_type: training.lr_scheduler_type.default('linear'),
  warmup_ratio: training.warmup_ratio.default(0.03),
  min_lr_ratio: training.min_lr_ratio.default(0),
  weight_decay: training.weight_decay.default(0),
};
