/** A recipe for one adapter of several, in the words of PEFT's `add_weighted_adapter`. */
import { z } from 'zod';
import type { StorageType } from '../../checkpoint/safetensors/write.ts';
import { UsageError } from '../../errors.ts';
import { explainIssues } from '../../yaml/explain-issues.ts';
import type { JsonSchema } from '../../yaml/json-schema.ts';
import { parseYaml } from '../../yaml/yaml-text.ts';
import {
  type CombinationFormName,
  combinationForms,
  elections,
  type FormOptions,
  requireFormOptions,
} from './combination-forms.ts';

export interface AdapterRecipe {
  readonly adapters: readonly { readonly name: string; readonly weight: number }[];
  readonly form: CombinationFormName;
  readonly options: FormOptions;
  readonly dtype: StorageType;
  /** Names a field in messages: `file, line 3, svd_rank`. */
  at(path: readonly (string | number)[]): string;
}

const storageTypes = { float32: 'f32', bfloat16: 'bf16', float16: 'f16' } as const satisfies Record<
  string,
  StorageType
>;

const schema = z.strictObject({
  adapters: z.array(z.string().min(1)).min(1).describe('adapters as PEFT writes them: folders, or hub ids'),
  weights: z.array(z.number()).min(1).describe('a number for each adapter'),
  combination_type: z.enum(Object.keys(combinationForms) as CombinationFormName[]).default('svd'),
  svd_rank: z.int().positive().nullish().describe('rank of the result'),
  density: z.number().nullish().describe('share of the entries that is kept'),
  majority_sign_method: z.enum(elections).nullish(),
  seed: z.int().nonnegative().nullish().describe('of forms that draw'),
  dtype: z.enum(['float32', 'bfloat16', 'float16']).default('float32'),
});

/** What PEFT calls the options of a form. */
const names = {
  rank: 'svd_rank',
  density: 'density',
  election: 'majority_sign_method',
  seed: 'seed',
} as const satisfies Readonly<Record<keyof FormOptions, keyof z.infer<typeof schema>>>;

/** Whether a text is a recipe of this kind: one document that names adapters. */
export function namesAdapters(text: string, source: string): boolean {
  try {
    const { value } = parseYaml(text, source, { version: '1.1' });
    return typeof value === 'object' && value !== null && 'adapters' in value;
  } catch (error) {
    // A reader that knows what it expects says better what is wrong.
    if (error instanceof UsageError) return false;
    throw error;
  }
}

/** @throws UsageError naming line and field */
export function parseAdapterRecipe(text: string, source: string): AdapterRecipe {
  const { value, lineOf } = parseYaml(text, source, { version: '1.1' });
  const at: AdapterRecipe['at'] = (path) => `${source}, line ${lineOf(path)}, ${path.join('.')}`;
  const parsed = schema.safeParse(value);
  if (!parsed.success) {
    // zod writes the schema of a schema of ours; its shape is the part of JSON Schema that we read.
    const { path, ...problem } = explainIssues(
      parsed.error.issues,
      value,
      z.toJSONSchema(schema, { io: 'input' }) as JsonSchema,
    );
    throw new UsageError({ field: at(path), ...problem });
  }
  const { adapters, weights, combination_type: form, dtype } = parsed.data;
  if (weights.length !== adapters.length) {
    throw new UsageError({
      field: at(['weights']),
      found: `${weights.length} weights`,
      expected: `${adapters.length}, one for each adapter`,
      fix: 'Give each adapter its weight.',
    });
  }
  const options: FormOptions = {
    rank: parsed.data[names.rank] ?? undefined,
    density: parsed.data[names.density] ?? undefined,
    election: parsed.data[names.election] ?? undefined,
    seed: parsed.data[names.seed] ?? undefined,
  };
  requireFormOptions(form, options, (option) => at([names[option]]));
  return {
    adapters: adapters.map((name, index) => ({ name, weight: weights[index] })),
    form,
    options,
    dtype: storageTypes[dtype],
    at,
  };
}
