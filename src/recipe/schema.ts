/**
 * The recipe: one typed document that says what a run starts from, reads, measures, does and saves. Names are those of
 * Hugging Face and TRL. `recipes/schema.json` is made from this schema, so descriptions are written for whoever edits YAML.
 *
 *     name: first-run
 *     base: { checkpoint: ../assets/nano }
 *     data:
 *       finance: { finworld: { world: finance } }
 *       general: { finworld: { world: general } }
 *     stages:
 *       - pretrain: { mixture: { finance: 0.7, general: 0.3 }, tokens: 1000000 }
 */
import { z } from 'zod';
import { questionKinds } from '../finworld/index.ts';
import { isConversationSource } from '../stages/conversation-source.ts';
import { RESERVED_TOKENS } from '../tokenizer/train/reserved-tokens.ts';
import { crossChecks } from './cross-checks.ts';

/** Every byte is a token of its own beside the reserved ones, so that any text can be written. */
const MIN_VOCAB_SIZE = RESERVED_TOKENS.length + 256;

const seed = z.int().nonnegative();
const count = (max: number) => z.int().positive().max(max);
const share = z.number().gt(0).lt(1);

/** A path of the host; where it points is checked by whoever opens it. */
const path = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^[^\0]*$/);

/** Becomes part of file names, metric names and `--set` paths. */
const identifier = z
  .string()
  .max(64)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_-]*$/, 'letters, digits, "-" and "_", beginning with a letter or digit');

const setNames = z
  .array(identifier)
  .min(1)
  .max(100)
  .refine((names) => new Set(names).size === names.length, 'each set once');

const engine = z.strictObject({
  threads: count(1024).nullable().default(null).describe('Threads of one operator; null for one per core.'),
  memory: z
    .enum(['arena', 'lean'])
    .default('arena')
    .describe('arena keeps working memory for reuse (fast), lean returns it after each use (small).'),
});

const trainTokenizer = z.strictObject({
  on: setNames.describe('Data sets whose training documents the tokenizer learns from.'),
  vocab_size: count(2 ** 20)
    .min(MIN_VOCAB_SIZE)
    .default(4096)
    .describe('Tokens in all, single bytes and reserved tokens included.'),
  min_frequency: count(2 ** 31)
    .default(2)
    .describe('How often a pair must occur to become a token.'),
});

const init = z.strictObject({
  config: z
    .looseObject({ model_type: z.string().min(1).max(64).describe('Architecture, such as llama or qwen2.') })
    .describe('The config.json of the new model, in the terms of Hugging Face.'),
  tokenizer: z
    .union([
      z.strictObject({ train: trainTokenizer.describe('Train a byte-level BPE tokenizer.') }),
      z.strictObject({ from: path.describe('Hugging Face folder with a tokenizer, relative to the recipe file.') }),
    ])
    .describe('The tokenizer of the new model: trained here, or taken from a folder.'),
});

const base = z.union([
  z.strictObject({ checkpoint: path.describe('Hugging Face folder, relative to the recipe file.') }),
  z.strictObject({ init: init.describe('A new model with random weights.') }),
]);

const finworld = z.strictObject({
  world: z.enum(['finance', 'general']).describe('The synthetic economy, or its everyday twin without finance.'),
  documents: count(10_000_000).default(4000).describe('Training documents.'),
  held_out_documents: count(1_000_000).default(400).describe('Documents about held-out companies or places.'),
  seed: seed.default(1).describe('Another seed is another world.'),
});

const heldOut = z.strictObject({
  share: share.default(0.05).describe('Part of the groups that is held out.'),
  group: z
    .union([
      z.enum(['document', 'file']),
      z.strictObject({ field: z.string().min(1).max(256).describe('A field of the records, such as company.') }),
    ])
    .default('document')
    .describe('What goes to one side as a whole: a document, a file, or the documents that agree in a field.'),
  seed: seed.default(0).describe('Seed of the split alone: runs with different seeds hold out the same documents.'),
});

const skipBroken = z.boolean().default(false).describe('Count records that cannot be read instead of stopping.');
const files = z.array(path).min(1).max(10_000);
const heldOutPart = heldOut.prefault({}).describe('The part that is never trained on, for evaluation.');

const fieldName = (name: string) => z.string().min(1).max(256).default(name);

const conversations = z.strictObject({
  files: files.describe('Files, folders or glob patterns of records with messages, or with prompt and completion.'),
  fields: z
    .strictObject({
      messages: fieldName('messages').describe('Field or column that holds the messages.'),
      prompt: fieldName('prompt').describe('Field or column that holds the prompt, as text or messages.'),
      completion: fieldName('completion').describe('Field or column that holds the completion.'),
    })
    .prefault({})
    .describe('How the records name their parts.'),
  held_out: heldOutPart,
  skip_broken: skipBroken,
  max_conversations: count(2 ** 31)
    .nullable()
    .default(null)
    .describe('Read so many conversations at most.'),
});

const finworldQuestions = z.strictObject({
  kinds: z
    .array(z.enum(questionKinds))
    .min(1)
    .refine((kinds) => new Set(kinds).size === kinds.length, 'each kind once')
    .default([...questionKinds])
    .describe('What is asked: terms, the tone of news, figures of a table, one step of calculation.'),
  questions: count(100_000).default(1000).describe('Questions of each kind to train on; there are fewer facts.'),
  held_out_questions: count(100_000).default(100).describe('Questions of each kind about held-out companies.'),
  seed: seed.default(1).describe('Another seed is another world.'),
});

const dataSet = z
  .union([
    z.strictObject({ conversations: conversations.describe('Conversations to fine-tune on, read from files.') }),
    z.strictObject({
      finworld_questions: finworldQuestions.describe('Questions about the synthetic world, with their answers.'),
    }),
    z.strictObject({ finworld: finworld.describe('Documents of the synthetic world that comes with Finery.') }),
    z.strictObject({
      files: files.describe(
        'Files, folders or glob patterns, relative to the recipe file; jsonl, json, txt, csv, tsv, parquet.',
      ),
      held_out: heldOutPart,
      skip_broken: skipBroken,
      text_field: z.string().min(1).max(256).default('text').describe('Field or column that holds the text.'),
      max_documents: count(2 ** 31)
        .nullable()
        .default(null)
        .describe('Read so many documents at most.'),
    }),
  ])
  .describe('Where the documents of a set come from.');

const weight = z.number().nonnegative();
const partOfRun = z.number().min(0).max(1);
const weightSchedule = z
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

const bitsPerByte = z.strictObject({
  on: setNames.optional().describe('Data sets whose held-out documents are measured; all of them unless told.'),
  length: count(2 ** 20)
    .default(256)
    .describe('Tokens of a window.'),
  rows: count(4096).default(8).describe('Windows that are evaluated together.'),
  confidence: share.default(0.95).describe('Level of the intervals.'),
  max_documents: count(2 ** 31)
    .nullable()
    .default(null)
    .describe('Measure so many held-out documents of each set at most.'),
});

/** What every stage of training can be told; a stage may have other defaults. */
const training = {
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
  learning_rate: z.number().positive().max(10).default(3e-4).describe('Highest learning rate.'),
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
  adam_beta1: z.number().min(0).lt(1).default(0.9).describe('Decay rate of the first moment.'),
  adam_beta2: z.number().min(0).lt(1).default(0.95).describe('Decay rate of the second moment.'),
  adam_epsilon: z.number().nonnegative().max(1).default(1e-8).describe('Added to the root of the second moment.'),
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

const pretrain = z.strictObject({
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

const sft = z.strictObject({
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

const document = z.strictObject({
  name: identifier.describe('Name of the run and of its folder; the name of the recipe file unless told.'),
  seed: seed.default(1).describe('Everything random in the run follows from it.'),
  engine: engine.prefault({}).describe('How the machine is used.'),
  base: base.describe('What the run starts from: exactly one of checkpoint and init.'),
  data: z
    .record(identifier, dataSet)
    .refine((sets) => Object.keys(sets).length > 0, 'at least one data set')
    .describe('Named data sets.'),
  evaluation: z
    .strictObject({
      bits_per_byte: bitsPerByte.prefault({}).describe('How well held-out text is predicted; lower is better.'),
    })
    .prefault({})
    .describe('Measured on the base and after each stage.'),
  stages: z
    .array(
      z.union([
        z.strictObject({ pretrain: pretrain.describe('Next-token training on documents.') }),
        z.strictObject({ sft: sft.describe('Fine-tuning on what an assistant says in conversations.') }),
      ]),
    )
    .min(1)
    .max(100)
    .describe('What is done, in this order.'),
  save: z
    .strictObject({
      dtype: z.enum(['f32', 'f16', 'bf16']).default('f32').describe('Element type of the weights.'),
    })
    .prefault({})
    .describe('How checkpoints are written for use.'),
});

type Mixture = Record<string, z.output<typeof weightSchedule>>;
type CompleteStage =
  | { pretrain: z.output<typeof pretrain> & { mixture: Mixture } }
  | { sft: z.output<typeof sft> & { on: string[] } };

/** What a person writes, checked by itself and across its parts. Parsing it fills every default, in the document's order. */
export const recipeSchema = document
  .superRefine(crossChecks)
  .transform(({ data, evaluation, stages, save, ...head }) => {
    const sets = Object.keys(data);
    const { on = sets, ...measurement } = evaluation.bits_per_byte;
    const [conversational, documents] = [
      sets.filter((name) => isConversationSource(data[name])),
      sets.filter((name) => !isConversationSource(data[name])),
    ];
    return {
      ...head,
      data,
      evaluation: { bits_per_byte: { on, ...measurement } },
      stages: stages.map((stage): CompleteStage => {
        if ('sft' in stage) {
          const { on = conversational, ...settings } = stage.sft;
          return { sft: { on, ...settings } };
        }
        const { mixture = evenly(documents), ...settings } = stage.pretrain;
        return { pretrain: { mixture, ...settings } };
      }),
      save,
    };
  });

const evenly = (sets: readonly string[]): Mixture => Object.fromEntries(sets.map((name) => [name, 1]));

/** A recipe as it may be written, with defaults left out. */
export type RecipeDocument = z.input<typeof recipeSchema>;
/** A recipe with every default filled in: parsing it again gives the same. */
export type Recipe = z.output<typeof recipeSchema>;

/** The recipe after its own checks and before defaults that depend on other fields. */
export type CheckedDocument = z.output<typeof document>;
