/**
 * Merging models of one architecture, out of core.
 *
 * ```ts
 * const [recipe] = await readMergeRecipes('merge.yaml');
 * await mergeModels(recipe, 'merged');
 * ```
 */
import { join } from 'node:path';
import { resolveModel } from '../checkpoint/hub/resolve-model.ts';
import { UsageError } from '../errors.ts';
import { readJsonObject } from '../files/json-file.ts';
import { exists } from '../files/temporary-name.ts';
import type { AnyMergeMethod } from './method.ts';
import { mergeMethods } from './methods/methods.ts';
import { makePlan } from './plan/make-plan.ts';
import type { MergePlan } from './plan/merge-plan.ts';
import { type OpenModelOptions, openSourceModel, type SourceModel } from './plan/source-model.ts';
import type { MergeRecipe } from './recipe/merge-recipe.ts';
import type { ModelReference } from './recipe/model-reference.ts';
import { type ExecuteOptions, executePlan, type MergeOutcome, recordName } from './stream/execute-plan.ts';

export interface PlanMergeOptions extends OpenModelOptions {
  /** Methods of one's own, which a recipe may name like ours; they run in the calling thread. */
  readonly methods?: readonly AnyMergeMethod[];
  /** Most bytes of tensors per file; default 5 GB. */
  readonly shardBytes?: number;
}

/**
 * Opens the models and decides everything, without writing.
 * @throws UsageError for what the recipe gets wrong, InputError for models that do not go together
 */
export async function planMerge(recipe: MergeRecipe, options: PlanMergeOptions = {}): Promise<MergePlan> {
  const models = new Map<string, SourceModel>();
  for (const reference of referencesOf(recipe)) {
    if (!models.has(reference.text)) models.set(reference.text, await openSourceModel(reference, options));
  }
  const { methods = [], shardBytes } = options;
  return makePlan(recipe, models, { methods: [...methods, ...mergeMethods], shardBytes });
}

/** Plans and merges into a folder that does not exist yet. @throws as `planMerge` and `executePlan` */
export async function mergeModels(
  recipe: MergeRecipe,
  out: string,
  options: PlanMergeOptions & ExecuteOptions = {},
): Promise<MergeOutcome> {
  return executePlan(await planMerge(recipe, options), out, options);
}

/**
 * Merges several recipes, in which later ones may name earlier ones as models. The last becomes `out`; one with a name is kept
 * beside it as `<out>.<name>`, and taken from there where it was made from the same recipe and inputs before.
 * @throws UsageError for a recipe that nothing could refer to; otherwise as `mergeModels`
 */
export async function mergeRecipes(
  recipes: readonly MergeRecipe[],
  out: string,
  options: PlanMergeOptions & ExecuteOptions = {},
): Promise<MergeOutcome> {
  const made = new Map<string, string>();
  const { resolve = resolveModel } = options;
  const withMade = { ...options, resolve: async (name: string) => made.get(name) ?? resolve(name) };
  for (const recipe of recipes.slice(0, -1)) {
    if (recipe.name === undefined) {
      throw new UsageError({
        field: recipe.at([]),
        found: 'a recipe without a name before the last one',
        expected: 'a name, by which a later recipe can use its result',
        fix: 'Add name, or remove the recipe.',
      });
    }
    const folder = `${out}.${recipe.name}`;
    const plan = await planMerge(recipe, withMade);
    if ((await fingerprintIn(folder)) !== plan.fingerprint) await executePlan(plan, folder, options);
    made.set(recipe.name, folder);
  }
  return mergeModels(recipes.at(-1)!, out, withMade);
}

async function fingerprintIn(folder: string): Promise<unknown> {
  const path = join(folder, recordName);
  return (await exists(path)) ? (await readJsonObject(path)).fingerprint : undefined;
}

function referencesOf(recipe: MergeRecipe): readonly ModelReference[] {
  return recipe.slices.flatMap(({ sources }) => sources.map(({ model }) => model));
}
