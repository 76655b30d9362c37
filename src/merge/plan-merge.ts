/** The plan of a merge: its models opened, everything decided, nothing written. */

import { resolveModel } from '../checkpoint/hub/resolve-model.ts';
import type { AnyMergeMethod } from './method.ts';
import { mergeMethods } from './methods/methods.ts';
import { ancestryWarnings } from './plan/ancestry.ts';
import { makePlan } from './plan/make-plan.ts';
import type { MergePlan } from './plan/merge-plan.ts';
import { type OpenModelOptions, openSourceModel, type SourceModel } from './plan/source-model.ts';
import { findNamed } from './recipe/find-named.ts';
import type { MergeRecipe } from './recipe/merge-recipe.ts';
import type { ModelReference } from './recipe/model-reference.ts';

export interface PlanMergeOptions extends OpenModelOptions {
  /** Methods of one's own, which a recipe may name like ours; they run in the calling thread. */
  readonly methods?: readonly AnyMergeMethod[];
  /** Most bytes of tensors per file; default 5 GB. */
  readonly shardBytes?: number;
  /** Refuse models that do not come from the base, instead of warning. */
  readonly strict?: boolean;
}

/**
 * Opens the models and decides everything, without writing.
 * @param unmade references to folders without their weights yet, which nothing can be measured of
 * @throws UsageError for what the recipe gets wrong, InputError for models that do not go together
 */
export async function planMerge(
  recipe: MergeRecipe,
  options: PlanMergeOptions = {},
  unmade: ReadonlySet<string> = new Set(),
): Promise<MergePlan> {
  const models = new Map<string, SourceModel>();
  const { resolve: find = resolveModel } = options;
  const resolve = (name: string) => findNamed(name, { place: recipe.placeOfModel(name), resolve: find });
  for (const reference of referencesOf(recipe)) {
    if (!models.has(reference.text)) models.set(reference.text, await openSourceModel(reference, { resolve }));
  }
  const { methods = [], shardBytes, strict = false } = options;
  const plan = await makePlan(recipe, models, { methods: [...methods, ...mergeMethods], shardBytes });
  const isMade = (reference: string): boolean => !unmade.has(reference);
  const base = plan.models.find(({ isBase }) => isBase);
  if (!base || !isMade(base.reference)) return plan;
  const jobs = plan.jobs.map((job) => ({ ...job, models: job.models.filter(({ id }) => isMade(id)) }));
  return { ...plan, warnings: [...plan.warnings, ...ancestryWarnings(jobs, base.reference, strict)] };
}

function referencesOf(recipe: MergeRecipe): readonly ModelReference[] {
  return recipe.slices.flatMap(({ sources }) => sources.map(({ model }) => model));
}
