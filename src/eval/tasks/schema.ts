/**
 * What a task file may say: the declarative form of lm-evaluation-harness, and what Finery adds to it. Fields of
 * upstream that have no meaning here are in `foreign-fields.ts`, so that they are never passed over in silence.
 */
import { z } from 'zod';
import { toolNames } from '../../generate/tools/named-tools.ts';

const MAX_TEMPLATE = 1 << 16;

const text = (max = 4096) => z.string().max(max);
const name = z
  .string()
  .max(128)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'letters, digits, "_", "-" and ".", beginning with a letter or digit');
const count = (max: number) => z.int().positive().max(max);
const oneOrMore = <T extends z.ZodType>(one: T) => z.union([one, z.array(one).min(1).max(1000)]);

/** How `!function module.name` is read. */
const registered = z.strictObject({
  function: z.string().max(128).describe('A function that Finery registers, written `!function module.name`.'),
});
export type RegisteredName = z.infer<typeof registered>;

const template = text(MAX_TEMPLATE);
const split = z.string().min(1).max(128);
const path = z
  .string()
  .min(1)
  .max(4096)
  .regex(/^[^\0]*$/);

const OUTPUT_TYPES = ['loglikelihood', 'loglikelihood_rolling', 'multiple_choice', 'generate_until'] as const;

const docToText = z.union([template, z.int(), registered]);
const docToTarget = z.union([template, z.int(), z.array(text()).max(1000), registered]);
const docToChoice = z.union([template, z.array(text()).min(1).max(1000), z.record(text(), text()), registered]);

const fewshotConfig = z.strictObject({
  sampler: z.enum(['default', 'first_n']).default('default').describe('Drawn by seed, or the first ones.'),
  split: split.optional().describe('Same as fewshot_split.'),
  samples: z.array(z.record(text(), z.json())).min(1).max(10_000).optional().describe('Examples written out here.'),
  reserve: count(100_000)
    .optional()
    .describe('So many documents of the scored split are examples only, and never scored.'),
  match: template.optional().describe('Examples agree with the question in this: a field or a template.'),
  fewshot_indices: z.array(z.int().nonnegative()).min(1).max(10_000).optional().describe('Places in the split.'),
  process_docs: registered.optional(),
  doc_to_text: docToText.optional(),
  doc_to_target: docToTarget.optional(),
  doc_to_choice: docToChoice.optional(),
  gen_prefix: template.optional(),
  fewshot_delimiter: text().optional(),
  target_delimiter: text().optional(),
});

const metric = z.looseObject({
  metric: z.string().max(128).describe('A metric that Finery has.'),
  aggregation: z.string().max(128).optional().describe('How items become one number.'),
  higher_is_better: z.boolean().optional(),
});

const filterPipeline = z.strictObject({
  name: z.string().min(1).max(128).describe('Name of the pipeline, such as strict-match.'),
  filter: z
    .array(z.looseObject({ function: z.string().max(128).describe('A filter that Finery has.') }))
    .min(1)
    .max(32),
});

const generationKwargs = z.strictObject({
  until: z
    .union([text(1024), z.array(text(1024)).max(64)])
    .optional()
    .describe('What ends an answer. Default: the fewshot_delimiter.'),
  max_gen_toks: count(1 << 20).default(256),
  do_sample: z.boolean().optional().describe('Default: as the temperature says.'),
  temperature: z.number().min(0).max(100).optional().describe('Default 0, or 1 where do_sample asks for sampling.'),
  top_p: z.number().gt(0).max(1).optional(),
});

/** In conversations: what differs from `generation_kwargs`. */
const chatGenerationKwargs = z.strictObject({
  until: generationKwargs.shape.until,
  max_gen_toks: generationKwargs.shape.max_gen_toks.unwrap().optional(),
  do_sample: generationKwargs.shape.do_sample,
  temperature: generationKwargs.shape.temperature,
  top_p: generationKwargs.shape.top_p,
});

const dataFiles = z.union([path, z.array(path).min(1).max(1000), z.record(split, oneOrMore(path))]);

const datasetKwargs = z.strictObject({
  data_files: dataFiles
    .optional()
    .describe('Files of each split: relative to the task file, or to the folder that FINERY_DATA names.'),
  field: text(256).optional().describe('Where in a JSON file the list of documents is; "a.b" is b within a.'),
  documents: count(100_000).optional().describe('finworld: documents of each split.'),
  seed: z.int().nonnegative().optional().describe('finworld: another seed is another world.'),
});

const answer = z.strictObject({
  kind: z.literal('number'),
  unit: template.optional().describe('%, bp, x, or a template that gives one of them or nothing.'),
  scale: template.optional().describe('thousand, million, billion, or a template that gives one of them or nothing.'),
  currency: template.optional().describe('Such as USD, or a template.'),
  decimals: z.int().min(0).max(12).optional().describe('Decimals that the reference is printed with.'),
  tolerance: z
    .strictObject({ relative: z.number().min(0).max(1).optional(), absolute: z.number().min(0).optional() })
    .optional(),
  mode: z.enum(['lookup', 'derived', 'percent']).default('derived').describe('Read off the page, or computed.'),
  in_question: z
    .boolean()
    .default(false)
    .describe('The question says unit and scale, so that a number alone is a whole answer.'),
});

const judge = z.strictObject({
  rubric: template.min(1).describe('What makes an answer right, for the judge; a template.'),
  votes: z.int().min(3).max(15).default(3),
});

const card = z.strictObject({
  rows: z.record(split, z.int().nonnegative()).optional().describe('Documents of each split.'),
  labels: z.record(text(256), z.int().nonnegative()).optional().describe('How often each option is right.'),
  sha256: z
    .record(split, z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits'))
    .optional()
    .describe('Content hash of each split, as `finery eval validate` shows it.'),
});

const metadata = z.looseObject({
  version: z.union([z.number(), z.string().max(64)]).default(0),
  licence: text().optional(),
  source: text().optional(),
});

/** A task file, `include` merged in. */
export const taskSchema = z.strictObject({
  task: name.describe('Name of the task.'),
  task_alias: text(256).optional(),
  tag: oneOrMore(name).optional(),
  dataset_path: z.enum(['json', 'csv', 'parquet', 'text', 'finworld']).describe('What reads the data.'),
  dataset_name: text(256).optional(),
  dataset_kwargs: datasetKwargs.default({}),
  training_split: split.optional(),
  validation_split: split.optional(),
  test_split: split.optional(),
  fewshot_split: split.optional(),
  process_docs: registered.optional(),
  description: template.default(''),
  doc_to_context: template
    .optional()
    .describe('The document a question is about; then doc_to_text is the question alone.'),
  context_delimiter: text().default('\n\n'),
  question_position: z.enum(['last', 'first']).default('last').describe('Where the question stands to the context.'),
  doc_to_text: docToText,
  doc_to_target: docToTarget,
  doc_to_choice: docToChoice.optional(),
  doc_to_options: template
    .optional()
    .describe('The texts of lettered options; templates then know them as options, with their letters.'),
  doc_to_id: template.optional().describe('What names a document. Default: its field id, or else its place.'),
  fewshot_delimiter: text().default('\n\n'),
  target_delimiter: text().default(' '),
  gen_prefix: template.optional(),
  num_fewshot: z.int().nonnegative().max(1000).default(0),
  fewshot_config: fewshotConfig.prefault({}),
  output_type: z.enum(OUTPUT_TYPES).default('generate_until'),
  generation_kwargs: generationKwargs.prefault({}),
  repeats: count(1000).default(1),
  filter_list: z.array(filterPipeline).min(1).max(32).optional(),
  metric_list: z.array(metric).min(1).max(64).optional(),
  process_results: registered.optional(),
  should_decontaminate: z.boolean().default(false),
  doc_to_decontamination_query: template.optional(),
  unsafe_code: z.boolean().default(false),
  metadata: metadata.prefault({}),
  // What Finery adds.
  answer: answer.optional().describe('Answers are numbers, and read as such.'),
  score_by: z
    .array(z.enum(['likelihood', 'extraction']))
    .min(1)
    .max(2)
    .refine((ways) => new Set(ways).size === ways.length, 'each way once')
    .optional()
    .describe('For multiple_choice: by the likelihood of the options, by what is read from a written answer, or both.'),
  chat_generation_kwargs: chatGenerationKwargs
    .default({})
    .describe('In conversations instead of generation_kwargs: what ends a line of plain text may cut an answer short.'),
  permute_options: z.enum(['none', 'cyclic']).default('none').describe('Ask once for every rotation of the options.'),
  judge: judge.optional(),
  tools: z
    .array(z.enum(toolNames))
    .max(toolNames.length)
    .default([])
    .describe('What the model may call while it writes: the tool goes on with the result.'),
  doc_to_refusal: template
    .optional()
    .describe('Whether a right answer declines (a field or a template: true or false), for the refusal metrics.'),
  slices: z.record(name, template).default({}).describe('Parts that are reported apart: a field or a template each.'),
  cluster: template.optional().describe('Items that share this (a field or a template) are not independent.'),
  language: z
    .string()
    .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'a language tag such as en or zh')
    .default('en'),
  dataset_card: card.default({}).describe('What the data should be; checked before anything is scored.'),
});

export type TaskConfig = z.output<typeof taskSchema>;
export type MetricConfig = z.output<typeof metric>;
export type FilterPipelineConfig = z.output<typeof filterPipeline>;

const aggregate = z.strictObject({
  metric: z.string().max(128),
  aggregation: z.literal('mean').default('mean'),
  weight_by_size: z.boolean().default(true),
  filter_list: oneOrMore(text(128)).optional(),
});

/** A group file. Its members are the names of task files beside it, or of its own folders, without `.yaml`. */
export const groupSchema = z.strictObject({
  group: name,
  group_alias: text(256).optional(),
  task: oneOrMore(path).describe('Task or group files, relative to this one; `.yaml` may be left out.'),
  aggregate_metric_list: oneOrMore(aggregate).optional(),
  metadata: metadata.prefault({}),
});

export type GroupConfig = z.output<typeof groupSchema>;
