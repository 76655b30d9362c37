/**
 * What a folder of sentence-transformers says beside its model: `modules.json` with the modules that make a vector of
 * hidden states, and prompts. Folders of all versions are read; what is written is the form that all of them read.
 */
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError, UsageError } from '../errors.ts';
import { containedPath } from '../files/contained-path.ts';
import { readJson, readJsonObject } from '../files/json-file.ts';
import type { Pooling } from '../objectives/encoder/text-batch.ts';

/** How vectors are made of hidden states. */
export interface SentenceModules {
  readonly pooling: Pooling;
  /** Whether vectors have length 1. */
  readonly normalize: boolean;
  /** Tokens of a text, those around it among them, behind which it is cut; undefined where nothing is said. */
  readonly maxLength: number | undefined;
  /** Texts that go before another, by name. */
  readonly prompts: Readonly<Record<string, string>>;
  /** Name of the prompt that goes before every text. */
  readonly defaultPrompt: string | undefined;
}

interface SentenceFolder extends SentenceModules {
  /** The folder of the model itself. */
  readonly model: string;
}

const modulesFile = 'modules.json';

/** The names that each pooling has had: in one field, and as a field of its own. */
const poolingNames: Readonly<Record<Pooling, readonly [value: string, flag: string]>> = {
  mean: ['mean', 'pooling_mode_mean_tokens'],
  cls: ['cls', 'pooling_mode_cls_token'],
  last: ['lasttoken', 'pooling_mode_lasttoken'],
};

const text = z.string().max(10_000);
const modulesSchema = z
  .array(z.object({ path: z.string().max(1000), type: z.string().max(1000) }))
  .min(2)
  .max(16);
const poolingSchema = z.looseObject({ pooling_mode: z.string().optional(), include_prompt: z.boolean().default(true) });
const promptsSchema = z.object({
  prompts: z.record(text, text).nullish(),
  default_prompt_name: text.nullish(),
});
const length = z.int().positive();
const lengthSchema = z.object({ max_seq_length: length.nullish(), do_lower_case: z.boolean().nullish() });
/** Where there is no limit, tokenizers say so with a number beyond all bounds. */
const tokenizerSchema = z.object({ model_max_length: z.number().positive().nullish() });
const boundless = 1e9;

/**
 * Reads a folder of sentence-transformers; undefined if it is none.
 * @throws InputError for files that are broken or leave the folder; UsageError for a module or setting that is not computed
 */
export async function readSentenceModules(folder: string): Promise<SentenceFolder | undefined> {
  if (!(await isFile(join(folder, modulesFile)))) return undefined;
  const modules = modulesSchema.safeParse(await readJson(join(folder, modulesFile)));
  if (!modules.success) throw broken(join(folder, modulesFile), modules.error);
  const kinds = modules.data.map(({ type }) => type.slice(type.lastIndexOf('.') + 1));
  if (!/^Transformer,Pooling(,Normalize)?$/.test(kinds.join())) {
    throw new UsageError({
      field: join(folder, modulesFile),
      found: kinds.join(', '),
      expected: 'Transformer, Pooling and, if vectors are to have length 1, Normalize',
      fix: 'Choose a model without further modules: what they compute is not known here.',
    });
  }
  const [transformer, pooling] = modules.data.map(({ path }) => path);
  const model = transformer === '' ? folder : await containedPath(folder, transformer);
  return {
    model,
    pooling: await readPooling(join(await containedPath(folder, pooling), 'config.json')),
    normalize: kinds.length === 3,
    maxLength: await readMaxLength(model),
    ...(await readPrompts(folder)),
  };
}

async function readPooling(path: string): Promise<Pooling> {
  const config = await readChecked(path, poolingSchema);
  if (!config.include_prompt) throw unsupported(path, 'include_prompt', false, 'true: prompts are part of the vector');
  const found = Object.entries(poolingNames).filter(
    ([, [value, flag]]) => config.pooling_mode === value || config[flag] === true,
  );
  const others = Object.keys(config).filter((key) => key.startsWith('pooling_mode_') && config[key] === true);
  const [first] = found;
  if (first && others.length <= 1) return first[0] as Pooling;
  const named = config.pooling_mode ?? others.join(', ');
  throw unsupported(path, 'pooling_mode', named || 'nothing', 'mean, cls or lasttoken, one of them');
}

async function readMaxLength(model: string): Promise<number | undefined> {
  const path = join(model, 'sentence_bert_config.json');
  if (await isFile(path)) {
    const config = await readChecked(path, lengthSchema);
    if (config.do_lower_case) throw unsupported(path, 'do_lower_case', true, 'a tokenizer that does it');
    if (config.max_seq_length != null) return config.max_seq_length;
  }
  const tokenizer = join(model, 'tokenizer_config.json');
  if (!(await isFile(tokenizer))) return undefined;
  const { model_max_length: most } = await readChecked(tokenizer, tokenizerSchema);
  return most != null && most < boundless ? Math.floor(most) : undefined;
}

async function readPrompts(folder: string): Promise<Pick<SentenceModules, 'prompts' | 'defaultPrompt'>> {
  const path = join(folder, 'config_sentence_transformers.json');
  if (!(await isFile(path))) return { prompts: {}, defaultPrompt: undefined };
  const { prompts, default_prompt_name: name } = await readChecked(path, promptsSchema);
  if (name != null && !Object.hasOwn(prompts ?? {}, name)) {
    throw unsupported(path, 'default_prompt_name', name, `one of ${JSON.stringify(Object.keys(prompts ?? {}))}`);
  }
  return { prompts: prompts ?? {}, defaultPrompt: name ?? undefined };
}

/** Names of the modules' folders; that of the model is the folder itself. */
const moduleFolders = { Transformer: '', Pooling: '1_Pooling', Normalize: '2_Normalize' } as const;

/**
 * The files that make a folder of sentence-transformers of that of a model, by their paths in it.
 * @param width numbers of a vector
 */
export function sentenceModuleFiles(
  { pooling, normalize, maxLength, prompts, defaultPrompt }: SentenceModules,
  width: number,
): Readonly<Record<string, string>> {
  const modules = Object.entries(moduleFolders).filter(([type]) => normalize || type !== 'Normalize');
  const flags = Object.entries(poolingNames).map(([name, [, flag]]) => [flag, name === pooling]);
  const files: Record<string, unknown> = {
    [modulesFile]: modules.map(([type, path], idx) => {
      return { idx, name: String(idx), path, type: `sentence_transformers.models.${type}` };
    }),
    [`${moduleFolders.Pooling}/config.json`]: {
      word_embedding_dimension: width,
      ...Object.fromEntries(flags),
      include_prompt: true,
    },
    'sentence_bert_config.json': { max_seq_length: maxLength, do_lower_case: false },
    'config_sentence_transformers.json': {
      prompts,
      default_prompt_name: defaultPrompt ?? null,
      similarity_fn_name: 'cosine',
    },
  };
  return Object.fromEntries(
    Object.entries(files).map(([name, content]) => [name, `${JSON.stringify(content, null, 2)}\n`]),
  );
}

/** Writes them, and the folders of modules that have none. */
export async function writeSentenceModules(folder: string, modules: SentenceModules, width: number): Promise<void> {
  await mkdir(join(folder, moduleFolders.Pooling));
  if (modules.normalize) await mkdir(join(folder, moduleFolders.Normalize));
  for (const [name, content] of Object.entries(sentenceModuleFiles(modules, width))) {
    await writeFile(join(folder, name), content);
  }
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (status) => status.isFile(),
    () => false,
  );
}

async function readChecked<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema>> {
  const parsed = schema.safeParse(await readJsonObject(path));
  if (!parsed.success) throw broken(path, parsed.error);
  return parsed.data;
}

function broken(path: string, { issues: [issue] }: z.ZodError): InputError {
  return new InputError({
    field: [path, ...issue.path].join('.'),
    found: issue.message,
    expected: 'what sentence-transformers writes',
    fix: 'Get the folder again, or save it with a current version.',
  });
}

const unsupported = (path: string, key: string, found: unknown, expected: string) =>
  new UsageError({ field: `${path}.${key}`, found: JSON.stringify(found), expected, fix: 'Choose another model.' });
