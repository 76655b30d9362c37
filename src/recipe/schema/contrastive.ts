/** The settings of a `contrastive` stage: how an encoder, or a decoder without its head, learns to find documents by queries. */
import { z } from 'zod';
import { poolings } from '../../objectives/encoder/text-batch.ts';
import { defaultContrastiveSettings, leastTemperature } from '../../stages/contrastive-settings.ts';
import { embedderAdapter } from './adapter.ts';
import { count, setNames } from './fields.ts';

const usual = defaultContrastiveSettings;
const prefix = z.string().max(10_000).nullable().default(null);

export const contrastive = z.strictObject({
  on: setNames.optional().describe('Sets of pairs to learn from; all of them unless told.'),
  pooling: z
    .enum(poolings)
    .nullable()
    .default(null)
    .describe(
      'What a vector is made of; null for what the model says, or the mean of an encoder and the last token of a decoder.',
    ),
  max_length: count(2 ** 20)
    .nullable()
    .default(null)
    .describe('Tokens of a text, those around it among them; null for what the model says.'),
  prefixes: z
    .strictObject({
      query: prefix.describe("What goes before queries; null for the model's prompt for them."),
      document: prefix.describe("What goes before documents; null for the model's prompt for them."),
    })
    .prefault({})
    .describe('Texts that go before others; kept with the model as its prompts.'),
  adapter: embedderAdapter,
  batch_size: count(65_536)
    .min(2)
    .default(usual.batch_size)
    .describe('Queries of a step: every document of the step is a negative for all others.'),
  num_train_epochs: z
    .number()
    .positive()
    .max(10_000)
    .default(usual.num_train_epochs)
    .describe('Passes over all pairs.'),
  learning_rate: z.number().positive().max(10).default(usual.learning_rate).describe('The highest learning rate.'),
  lr_scheduler_type: z
    .enum(['constant', 'linear', 'cosine'])
    .default('linear')
    .describe('Course of the learning rate after the warm-up.'),
  warmup_ratio: z
    .number()
    .min(0)
    .lt(1)
    .default(usual.warmup_ratio)
    .describe('Share of the steps over which it rises from zero.'),
  weight_decay: z.number().nonnegative().max(10).default(usual.weight_decay).describe('Decoupled, on matrices.'),
  max_grad_norm: z
    .number()
    .positive()
    .nullable()
    .default(usual.max_grad_norm)
    .describe('Gradients are scaled down to this norm; null for no limit.'),
  temperature: z
    .number()
    .min(leastTemperature)
    .max(100)
    .default(usual.temperature)
    .describe('What cosines are divided by.'),
  hard_negatives: z
    .int()
    .nonnegative()
    .max(1000)
    .default(usual.hard_negatives)
    .describe('Negatives of a query at most; of more, each pass takes others.'),
  matryoshka: z
    .array(count(2 ** 20))
    .min(1)
    .max(32)
    .refine((widths) => new Set(widths).size === widths.length, 'each width once')
    .meta({ uniqueItems: true })
    .nullable()
    .default(null)
    .describe('Numbers of a vector that find by themselves, such as [768, 256, 64]; null for all of them only.'),
  false_negative_margin: z
    .number()
    .min(-2)
    .max(2)
    .nullable()
    .default(usual.false_negative_margin)
    .describe(
      'Leaves out documents whose cosine with a query is above that of its own less this: they may be answers too; null to leave nothing out.',
    ),
  checkpoints: z
    .strictObject({
      every_seconds: z.number().positive().max(1e9).default(300).describe('Time between two checkpoints.'),
    })
    .prefault({})
    .describe('What a run that was interrupted continues from.'),
});
