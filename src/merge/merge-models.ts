/**
 * Merging models of one architecture, out of core.
 *
 * ```ts
 * const [recipe] = await readMergeRecipes('merge.yaml');
 * await mergeModels(recipe, 'merged');
 * ```
 */
import type { AnyMergeMethod } from './method.ts';
import { mergeMethods } from './methods/methods.ts';
import { makePlan } from './plan/make-plan.ts';
import type { MergePlan } from './plan/merge-plan.ts';
import { type OpenModelOptions, openSourceModel, type SourceModel } from './plan/source-model.ts';
import type { MergeRecipe } from './recipe/merge-recipe.ts';
import type { ModelReference } from './recipe/model-reference.ts';
import { type ExecuteOptions, executePlan, type MergeOutcome } from './stream/execute-plan.ts';

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

function referencesOf(recipe: MergeRecipe): readonly ModelReference[] {
  return recipe.slices.flatMap(({ sources }) => sources.map(({ model }) => model));
}
