/**
 * The settings of a `merge` stage: a document of the merge language, whose models may be stages of the run.
 *
 *     - name: chat-finance
 *       merge:
 *         merge_method: task_arithmetic
 *         base_model: base
 *         models:
 *           - { model: finance, parameters: { weight: 1 } }
 *           - { model: ../models/chat, parameters: { weight: 1 } }
 */
import type { z } from 'zod';
import { mapModels, type RenameModel } from '../../merge/recipe/map-models.ts';
import { mergeRecipeSchema } from '../../merge/recipe/schema.ts';
import { identifier } from './fields.ts';

export const merge = mergeRecipeSchema.omit({ name: true });

export type MergeDocument = z.output<typeof merge>;

const types = { f32: 'float32', f16: 'float16', bf16: 'bfloat16' } as const;

/** A merge as a run makes it: seed and element type are those of the run unless told. */
export type CompleteMerge = MergeDocument & { readonly seed: number };

export function completeMerge(
  document: MergeDocument,
  { seed, dtype }: { readonly seed: number; readonly dtype: keyof typeof types },
): CompleteMerge {
  const complete = { ...document, dtype: document.dtype ?? types[dtype], seed: document.seed ?? seed };
  // Parsed again for the order of its fields, in which the recipe is written.
  return { ...merge.parse(complete), seed: complete.seed };
}

/** Names of stages are single words; anything else is a path, where `./` may stand before a word, or a hub id. */
export const isStageName = (name: string): boolean => identifier.safeParse(name).success;

interface NamedModel {
  readonly name: string;
  /** Where it is named, from the document on. */
  readonly path: readonly (string | number)[];
}

/** Every model and adapter that is named, as often as it is. */
export function modelsNamed(document: MergeDocument): NamedModel[] {
  const found: NamedModel[] = [];
  mapModels(document, (name, path) => {
    found.push({ name, path });
    return name;
  });
  return found;
}

/** Stages whose results are merged, each once. */
export const mergedStages = (document: MergeDocument): string[] => [
  ...new Set(modelsNamed(document).flatMap(({ name }) => (isStageName(name) ? [name] : []))),
];

/** Models and adapters from elsewhere, each once. */
export const mergedFolders = (document: MergeDocument): string[] => [
  ...new Set(modelsNamed(document).flatMap(({ name }) => (isStageName(name) ? [] : [name]))),
];

/** The document with its folders and hub ids, or its stages, under other names. */
export const renameFolders = <D extends MergeDocument>(document: D, rename: RenameModel): D =>
  mapModels(document, (name, path) => (isStageName(name) ? name : rename(name, path)));
export const renameStages = <D extends MergeDocument>(document: D, rename: RenameModel): D =>
  mapModels(document, (name, path) => (isStageName(name) ? rename(name, path) : name));
