/** The language of merge recipes: mergekit's, in which an unknown field is an error, and a few fields of our own. */
import { z } from 'zod';

const scalar = z.union([z.number(), z.boolean(), z.string()]);
const conditional = z.strictObject({
  filter: z.string().nullish().describe('part of the names of the tensors that it is for; all without one'),
  value: z.union([scalar, z.array(scalar).min(1)]).describe('a value or a gradient'),
});
const value = z.union([scalar, z.array(scalar).min(1), conditional, z.array(conditional).min(1)]);
const parameters = z
  .record(z.string(), value)
  .nullish()
  .describe('values by parameter: a number, a gradient or a list with filters');

const revision = z.string().nullish().describe('branch, tag or commit of a hub id');
const path = z.union([
  z.string().min(1),
  z.strictObject({ path: z.string().min(1).describe('folder or hub id'), revision }),
]);
const reference = z.union([
  z.string().min(1),
  z.strictObject({
    model: path.describe('folder or hub id'),
    lora: path.nullish().describe('LoRA adapter to apply'),
    override_architecture: z.string().nullish().describe('no effect: the architecture is that of the configuration'),
  }),
]);
const model = reference.describe('folder, hub id with an optional @revision, or either with +lora');

const dtype = z.enum(['bfloat16', 'float16', 'float32']);

const inputModel = z.strictObject({ model, parameters });

const inputSlice = z.strictObject({
  model,
  layer_range: z
    .tuple([z.int().nonnegative(), z.int().positive()])
    .nullish()
    .describe('[first, end): layers of the model'),
  parameters,
});

const outputSlice = z.strictObject({
  sources: z.array(inputSlice).min(1).describe('what is merged, all of equally many layers'),
  base_model: reference.nullish().describe('the base of this slice, in place of that of the recipe'),
  residual_weight: z.number().nullish().describe('no effect'),
  parameters,
});

const tokenSource = z.union([
  z.string(),
  z.strictObject({
    kind: z.literal('model_token').describe('the row of another token'),
    model,
    token: z.string().nullish().describe('its text'),
    token_id: z.int().nonnegative().nullish().describe('or its id'),
  }),
  z.strictObject({ kind: z.literal('zero').describe('a row of zeroes') }),
  z.strictObject({
    model: path.describe('folder or hub id'),
    lora: path.nullish().describe('LoRA adapter to apply'),
  }),
]);

const token = z.strictObject({
  source: tokenSource.nullish().describe('where its row comes from'),
  force: z.boolean().nullish().describe('also for models that have the token'),
});

const tokenizer = z.strictObject({
  source: reference.nullish().describe('union, base or a model'),
  tokens: z.record(z.string(), token).nullish().describe('sources of single tokens'),
  // Rows are counted one by one: a multiple far beyond any vocabulary is a slip.
  pad_to_multiple_of: z
    .int()
    .positive()
    .max(2 ** 20)
    .nullish()
    .describe('rows of the token tables'),
});

/** Finery's own: what applies to the tensors outside the layers, over every other setting. */
const outside = z.strictObject({
  source: z.int().nonnegative().nullish().describe('take it unchanged from this source, counted from 0'),
  parameters,
});

const body = {
  models: z.array(inputModel).min(1).nullish().describe('models of which all layers are merged'),
  slices: z.array(outputSlice).min(1).nullish().describe('layers of the result, in order'),
};
const module = z.strictObject({ ...body, parameters });

export const mergeRecipeSchema = z.strictObject({
  name: z.string().min(1).nullish().describe('how a later recipe of the file refers to this one'),
  merge_method: z.string().describe('how weights are merged: linear, slerp, task_arithmetic, ties, dare_ties, ...'),
  base_model: reference.nullish().describe('the model that task vectors are measured from'),
  ...body,
  modules: z.record(z.string(), module).nullish().describe('the one module of the model, with models or slices'),
  parameters,
  dtype: dtype.nullish().describe('element type of the result'),
  out_dtype: dtype.nullish().describe('the same, over dtype'),
  tokenizer_source: reference.nullish().describe('union, base or a model; short for tokenizer: {source: ...}'),
  tokenizer: tokenizer.nullish().describe('the vocabulary of the result'),
  chat_template: z.string().nullish().describe('auto, the name of a template, or a Jinja template'),
  compat: z.enum(['mergekit', 'paper']).nullish().describe('whose definition of the method'),
  seed: z.int().nonnegative().nullish().describe('of random methods'),
  embed: outside.nullish().describe('over everything else: the input table'),
  lm_head: outside.nullish().describe('over everything else: the output table'),
  norm: outside.nullish().describe('over everything else: the last norm'),
});

export type MergeRecipeInput = z.infer<typeof mergeRecipeSchema>;
