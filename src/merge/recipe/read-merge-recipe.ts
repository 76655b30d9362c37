/** From YAML text to merge recipes, one for each document, with errors that name the line and the nearest field. */

import { z } from 'zod';
import type { StorageType } from '../../checkpoint/safetensors/write.ts';
import { UsageError } from '../../errors.ts';
import { explainIssues } from '../../yaml/explain-issues.ts';
import type { JsonSchema } from '../../yaml/json-schema.ts';
import { nearest } from '../../yaml/near-miss.ts';
import { readYamlFile } from '../../yaml/read-yaml-file.ts';
import { parseYaml } from '../../yaml/yaml-text.ts';
import { pathOfModel } from './map-models.ts';
import type {
  DocumentPath,
  MergeRecipe,
  OutsideGroup,
  RecipeSlice,
  TokenizerRecipe,
  TokenSourceInput,
} from './merge-recipe.ts';
import { type ModelReference, parseReference, type ReferenceInput } from './model-reference.ts';
import { type MergeRecipeInput, mergeRecipeSchema } from './schema.ts';

const storageTypes = { bfloat16: 'bf16', float16: 'f16', float32: 'f32' } as const satisfies Record<
  string,
  StorageType
>;

/** @throws UsageError for a file that cannot be read, or what `parseMergeRecipes` refuses. */
export async function readMergeRecipes(path: string): Promise<readonly MergeRecipe[]> {
  return parseMergeRecipes(await readMergeRecipeText(path), path);
}

/** @throws UsageError for a file that cannot be read */
export const readMergeRecipeText = (path: string): Promise<string> =>
  readYamlFile(path, 'a merge recipe', 'docs/merging.md shows recipes.');

/** @throws UsageError naming line and field */
export function parseMergeRecipes(text: string, source: string): readonly MergeRecipe[] {
  const documents = splitDocuments(text);
  if (documents.length === 0) throw refuse(source, 'an empty file', 'a merge recipe', 'docs/merging.md shows recipes.');
  const recipes = documents.map((document) => parseOne(document, source));
  const names = new Set<string>();
  for (const recipe of recipes) {
    if (recipe.name === undefined) continue;
    if (names.has(recipe.name))
      throw refuse(recipe.at(['name']), `a second ${recipe.name}`, 'names that differ', 'Rename one.');
    names.add(recipe.name);
  }
  return recipes;
}

/** Texts of the documents, each behind as many empty lines as stand before it: lines keep their numbers. */
function splitDocuments(text: string): readonly string[] {
  const documents: string[][] = [[]];
  for (const [index, line] of text.split('\n').entries()) {
    if (/^---(\s|$)/.test(line)) documents.push([...Array<string>(index).fill(''), line.slice(3)]);
    else if (/^\.\.\.(\s|$)/.test(line)) documents.push(Array<string>(index + 1).fill(''));
    else documents.at(-1)!.push(line);
  }
  return documents.filter((lines) => lines.some((line) => /^\s*[^\s#]/.test(line))).map((lines) => lines.join('\n'));
}

let jsonSchema: JsonSchema | undefined;

function parseOne(text: string, source: string): MergeRecipe {
  const { value, lineOf } = parseYaml(text, source, { version: '1.1' });
  const at = (path: readonly (string | number)[]): string =>
    `${source}, line ${lineOf(path)}${path.length > 0 ? `, ${path.join('.')}` : ''}`;
  const parsed = mergeRecipeSchema.safeParse(value);
  if (!parsed.success) {
    // zod writes the schema of a schema of ours; its shape is the part of JSON Schema that we read.
    jsonSchema ??= z.toJSONSchema(mergeRecipeSchema, { io: 'input' }) as JsonSchema;
    const { path, found, expected, fix } = explainIssues(parsed.error.issues, value, jsonSchema);
    throw refuse(at(path), found, expected, fix);
  }
  return normalizeMergeRecipe(parsed.data, source, at);
}

/**
 * A document of the language as plans read it.
 * @param source names the document in messages @param at names a place in it
 * @throws UsageError for parts that contradict each other
 */
export function normalizeMergeRecipe(input: MergeRecipeInput, source: string, at: MergeRecipe['at']): MergeRecipe {
  const { dtype, out_dtype: outDtype, embed, lm_head: head, norm } = input;
  const base = input.base_model == null ? undefined : parseReference(input.base_model);
  const { slices, form, parameters } = body(input, base, at);
  const tokenizer = tokenizerOf(input, at);
  const control = (given: typeof embed, group: OutsideGroup) =>
    given == null
      ? undefined
      : { path: [group], source: given.source ?? undefined, parameters: given.parameters ?? {} };
  return {
    source,
    ...(input.name != null && { name: input.name }),
    method: input.merge_method,
    ...(base && { base }),
    slices,
    form,
    parameters: [...parameters, { path: [], parameters: input.parameters ?? {} }],
    ...(dtype != null && { dtype: storageTypes[dtype] }),
    ...(outDtype != null && { outDtype: storageTypes[outDtype] }),
    ...(tokenizer && { tokenizer }),
    ...(input.chat_template != null && { chatTemplate: input.chat_template }),
    compat: input.compat ?? 'mergekit',
    seed: input.seed ?? 0,
    outside: { embed: control(embed, 'embed'), lm_head: control(head, 'lm_head'), norm: control(norm, 'norm') },
    document: input,
    at,
    placeOfModel: (name) => at(pathOfModel(input, name)),
  };
}

function body(
  input: MergeRecipeInput,
  base: ModelReference | undefined,
  at: MergeRecipe['at'],
  path: DocumentPath = [],
): Pick<MergeRecipe, 'slices' | 'form' | 'parameters'> {
  const given = (['models', 'slices', 'modules'] as const).filter((key) => input[key] != null);
  if (given.length !== 1) {
    const found = given.length === 0 ? 'none of them' : given.join(' and ');
    throw refuse(
      at([...path, ...given.slice(1)]),
      found,
      'exactly one of models, slices and modules',
      'Keep one of them.',
    );
  }
  if (input.modules != null) {
    const [name, ...more] = Object.keys(input.modules);
    if (name === undefined || more.length > 0) {
      const fix = 'Merge the modules of a model one by one.';
      throw refuse(at(['modules']), `${more.length + (name === undefined ? 0 : 1)} modules`, 'one module', fix);
    }
    const { parameters, ...inner } = input.modules[name];
    const place = ['modules', name];
    return {
      ...body({ ...inner, merge_method: input.merge_method }, base, at, place),
      parameters: [{ path: place, parameters: parameters ?? {} }],
    };
  }
  if (input.models != null) {
    const references = input.models.map(({ model }) => parseReference(model));
    const basePosition = references.findIndex(({ text }) => text === base?.text);
    const list = [...path, 'models'];
    const sources = input.models.map(({ parameters }, position) => ({
      path: [...list, position],
      model: references[position],
      parameters: parameters ?? {},
      isBase: position === basePosition,
    }));
    // As in mergekit: a base that is not listed comes last.
    const all =
      base && basePosition < 0
        ? [...sources, { path: [], model: base, parameters: {}, isBase: true, isImplied: true as const }]
        : sources;
    return { slices: [{ path: list, sources: all, parameters: {} }], form: 'models', parameters: [] };
  }
  const slices = input.slices!.map((slice, index) => sliceOf(slice, base, [...path, 'slices', index]));
  return { slices, form: 'slices', parameters: [] };
}

function sliceOf(
  { sources, base_model: own, parameters }: NonNullable<MergeRecipeInput['slices']>[number],
  base: ModelReference | undefined,
  path: DocumentPath,
): RecipeSlice {
  const references = sources.map(({ model }) => parseReference(model));
  const sliceBase = own == null ? base : parseReference(own);
  const basePosition = references.findIndex(({ text }) => text === sliceBase?.text);
  return {
    path,
    sources: sources.map(({ layer_range: layers, parameters: values }, position) => ({
      path: [...path, 'sources', position],
      model: references[position],
      ...(layers != null && { layers }),
      parameters: values ?? {},
      isBase: position === basePosition,
    })),
    parameters: parameters ?? {},
  };
}

function tokenizerOf(input: MergeRecipeInput, at: MergeRecipe['at']): TokenizerRecipe | undefined {
  const { tokenizer_source: short, tokenizer: long } = input;
  if (short != null && long != null) {
    throw refuse(at(['tokenizer']), 'tokenizer and tokenizer_source', 'one of them', 'Use tokenizer: {source: ...}.');
  }
  if (short != null) return { source: tokenizerSource(short), tokens: new Map() };
  if (long == null) return undefined;
  return {
    source: tokenizerSource(long.source ?? 'union'),
    tokens: new Map(
      Object.entries(long.tokens ?? {}).map(([token, { source, force }]) => [
        token,
        { ...(source != null && { source: tokenSource(source) }), force: force ?? false },
      ]),
    ),
    ...(long.pad_to_multiple_of != null && { padToMultipleOf: long.pad_to_multiple_of }),
  };
}

function tokenizerSource(input: ReferenceInput): TokenizerRecipe['source'] {
  return input === 'union' || input === 'base' ? input : parseReference(input);
}

type TokenEntry = NonNullable<NonNullable<NonNullable<MergeRecipeInput['tokenizer']>['tokens']>[string]['source']>;

function tokenSource(input: TokenEntry): TokenSourceInput {
  if (typeof input === 'string') return { kind: 'model', model: parseReference(input) };
  if (!('kind' in input)) return { kind: 'model', model: parseReference(input) };
  if (input.kind === 'zero') return { kind: 'zero' };
  const { model, token, token_id: id } = input;
  return { kind: 'token', model: parseReference(model), ...(token != null && { token }), ...(id != null && { id }) };
}

/** The name that somebody meant, as advice. */
export function didYouMean(word: string, names: readonly string[]): string {
  const meant = nearest(word, names);
  return meant === undefined ? 'Choose one of them.' : `Did you mean "${meant}"?`;
}

function refuse(field: string, found: string, expected: string, fix: string): UsageError {
  return new UsageError({ field, found, expected, fix });
}
