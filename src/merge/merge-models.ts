/**
 * Merging models of one architecture, out of core.
 *
 * ```ts
 * const [recipe] = await readMergeRecipes('merge.yaml');
 * await mergeModels(recipe, 'merged');
 * ```
 */
import { type PlanMergeOptions, planMerge } from './plan-merge.ts';
import type { MergeRecipe } from './recipe/merge-recipe.ts';
import { type ExecuteOptions, executePlan, type MergeOutcome } from './stream/execute-plan.ts';

/** Plans and merges into a folder that does not exist yet. @throws as `planMerge` and `executePlan` */
export async function mergeModels(
  recipe: MergeRecipe,
  out: string,
  options: PlanMergeOptions & ExecuteOptions = {},
): Promise<MergeOutcome> {
  return executePlan(await planMerge(recipe, options), out, options);
}
