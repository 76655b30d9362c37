/** The language of merge recipes: mergekit's, in which an unknown field is an error, and a few fields of our own. */
import { z } from 'zod';

const scalar = z.union([z.number(), z.boolean(), z.string()]);
const value = z.union([
  scalar,
  z.array(scalar).min(1),
  z.array(z.strictObject({ filter: z.string().nullish(), value: z.union([scalar, z.array(scalar).min(1)]) })).min(1),
]);
const parameters = z
  .record(z.string(), value)
  .describe('values by parameter: a number, a gradient or a list with filters');

const path = z.union([z.string().min(1), z.strictObject({ path: z.string().min(1), revision: z.string().nullish() })]);
const reference = z.union([
  z.string().min(1),
  z.strictObject({ model: path, lora: path.nullish(), override_architecture: z.string().nullish() }),
]);

const dtype = z.enum(['bfloat16', 'float16', 'float32']);

const inputModel = z.strictObject({ model: reference, parameters: parameters.nullish() });

const inputSlice = z.strictObject({
  model: reference,
  layer_range: z
    .tuple([z.int().nonnegative(), z.int().positive()])
    .describe('[first, end): layers of the model')
    .nullish(),
  parameters: parameters.nullish(),
});

const outputSlice = z.strictObject({
  sources: z.array(inputSlice).min(1),
  base_model: reference.nullish(),
  residual_weight: z.number().nullish(),
  parameters: parameters.nullish(),
});

const tokenSource = z.union([
  z.string(),
  z.strictObject({
    kind: z.literal('model_token'),
    model: reference,
    token: z.string().nullish(),
    token_id: z.int().nonnegative().nullish(),
  }),
  z.strictObject({ kind: z.literal('zero') }),
  z.strictObject({ model: path, lora: path.nullish() }),
]);

const tokenizer = z.strictObject({
  source: reference.nullish().describe('union, base or a model'),
  tokens: z
    .record(z.string(), z.strictObject({ source: tokenSource.nullish(), force: z.boolean().nullish() }))
    .nullish(),
  pad_to_multiple_of: z.int().positive().nullish(),
});

/** Finery's own: what applies to the tensors outside the layers, over every other setting. */
const outside = z.strictObject({
  source: z.int().nonnegative().describe('take it unchanged from this source, counted from 0').nullish(),
  parameters: parameters.nullish(),
});

const body = {
  models: z.array(inputModel).min(1).nullish(),
  slices: z.array(outputSlice).min(1).nullish(),
};

export const mergeRecipeSchema = z.strictObject({
  name: z.string().min(1).nullish(),
  merge_method: z.string(),
  base_model: reference.nullish(),
  ...body,
  modules: z.record(z.string(), z.strictObject({ ...body, parameters: parameters.nullish() })).nullish(),
  parameters: parameters.nullish(),
  dtype: dtype.nullish(),
  out_dtype: dtype.nullish(),
  tokenizer_source: reference.nullish(),
  tokenizer: tokenizer.nullish(),
  chat_template: z.string().nullish(),
  compat: z.enum(['mergekit', 'paper']).nullish().describe('whose definition of the method'),
  seed: z.int().nonnegative().nullish(),
  embed: outside.nullish(),
  lm_head: outside.nullish(),
  norm: outside.nullish(),
});

export type MergeRecipeInput = z.infer<typeof mergeRecipeSchema>;
