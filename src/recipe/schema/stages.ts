/** The kinds of stages and their settings. */
import { z } from 'zod';
import { contrastive } from './contrastive.ts';
import { count, identifier, path, setNames } from './fields.ts';
import { gate } from './gate.ts';
import { merge } from './merge.ts';
import { weightSchedule } from './mixture.ts';
import { questions } from './questions.ts';
import { training, tuning } from './training.ts';

const cpt = z.strictObject({
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

/** Absent where passes decide: it is no part of what such a stage is. */
const maxSteps = count(1_000_000_000)
  .optional()
  .describe('Steps in all, in place of whole passes: fewer, or more, with as many passes as that takes.');

const sft = z.strictObject({
  on: setNames.optional().describe('Sets of conversations to learn from; all of them unless told.'),
  replay: z
    .record(identifier, z.number().positive().max(1000))
    .default({})
    .describe('Sets of documents to learn beside them, and how many pieces of each for one conversation.'),
  num_train_epochs: count(10_000).default(2).describe('Passes over every set.'),
  max_steps: maxSteps,
  neftune_noise_alpha: z
    .number()
    .positive()
    .max(1000)
    .nullable()
    .default(null)
    .describe('Noise on embeddings while training (NEFTune), such as 5; null for none.'),
  ...tuning,
});

const documents = setNames.optional().describe('Sets of documents; all of them unless told.');
const conversations = setNames.optional().describe('Sets of conversations; all of them unless told.');
const epochs = count(10_000).default(1).describe('Passes over what was drawn.');

const joint = z.strictObject({
  groups: z
    .array(z.strictObject({ documents, conversations, num_train_epochs: epochs }))
    .min(1)
    .max(100)
    .default([{ num_train_epochs: 1 }])
    .describe('A curriculum: what is learnt together, group after group, under one schedule.'),
  documents_per_conversation: z
    .number()
    .positive()
    .max(1000)
    .default(1)
    .describe('Pieces of documents for each conversation; a piece is what fits a row.'),
  max_steps: maxSteps,
  ...tuning,
});

const evaluate = z.strictObject(questions).describe('Tasks that are put to a model, with every answer kept.');

const exported = z.strictObject({
  to: z
    .enum(['hf'])
    .default('hf')
    .describe('Form of the result: a Hugging Face folder, of which finery export makes GGUF and ONNX.'),
  dtype: z.enum(['f32', 'f16', 'bf16']).default('bf16').describe('Element type of the weights.'),
  path: path
    .nullable()
    .default(null)
    .describe('Folder to write, relative to the recipe file; null for model/ in the folder of the stage.'),
});

const head = {
  name: identifier.optional().describe('Name of the stage and of its folder; its kind unless told.'),
  from: identifier
    .optional()
    .describe(
      'What it starts from: base, or an earlier stage that gives a model; the last of these unless told. What a contrastive stage gives only makes vectors, so only such a stage starts from it. A merge is compared with it: the base_model of the merge, or base, unless told.',
    ),
};
const gated = { gate: gate.prefault({}).describe('When the result is good enough to go on.') };

/** Exactly one kind each, by which they are told apart. */
export const stage = z.union([
  z.strictObject({ ...head, cpt: cpt.describe('Next-token training on documents.'), ...gated }),
  z.strictObject({
    ...head,
    sft: sft.describe(
      'Fine-tuning on what an assistant says in conversations; of an encoder-decoder on the answer to each text.',
    ),
    ...gated,
  }),
  z.strictObject({
    ...head,
    joint: joint.describe('Documents and conversations in one stream, as many of the one as of the other.'),
    ...gated,
  }),
  z.strictObject({
    ...head,
    contrastive: contrastive.describe(
      'An encoder, or a decoder without its head, learns to put queries near the documents that answer them.',
    ),
    ...gated,
  }),
  z.strictObject({
    ...head,
    merge: merge.describe(
      'Models into one, in the language of finery merge. A model is base, an earlier stage, a path or a hub id.',
    ),
    ...gated,
  }),
  z.strictObject({ ...head, evaluate: evaluate.describe('Answers to tasks, kept item by item.') }),
  z.strictObject({ ...head, export: exported.describe('The weights, written for use elsewhere.') }),
]);

/** As it was written, with the defaults that depend on nothing else. */
export type CheckedStage = z.output<typeof stage>;
