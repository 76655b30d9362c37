/** Models into one, by arithmetic on their weights: a stage that learns nothing. */
import { rm } from 'node:fs/promises';
import { writeManifest } from '../checkpoint/manifest.ts';
import { mergeModels } from '../merge/merge-models.ts';
import type { MergeRecipe } from '../merge/recipe/merge-recipe.ts';
import type { MergeOutcome } from '../merge/stream/execute-plan.ts';

export interface MergeContext {
  /** From a name in the recipe to a folder. */
  readonly resolve: (name: string) => string;
  readonly threads?: number;
  readonly signal?: AbortSignal;
  /** Elements of the result, or of what is read before it. */
  readonly onProgress?: (progress: { readonly phase: string; readonly done: number; readonly total: number }) => void;
}

/**
 * Writes a Hugging Face folder with its manifest, in place of what is there. An interrupted merge goes on.
 * @throws as `mergeModels`
 */
export async function merge(
  recipe: MergeRecipe,
  folder: string,
  { resolve, ...options }: MergeContext,
): Promise<MergeOutcome> {
  await rm(folder, { recursive: true, force: true });
  const outcome = await mergeModels(recipe, folder, { ...options, resolve: async (name) => resolve(name) });
  await writeManifest(folder);
  return outcome;
}
