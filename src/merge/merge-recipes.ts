/**
 * Several recipes in one file, of which later ones may name earlier ones as models. The last becomes `out`; one with a name is
 * kept beside it as `<out>.<name>`, and taken from there where it was made from the same recipe and inputs before.
 */
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resolveModel } from '../checkpoint/hub/resolve-model.ts';
import { UsageError } from '../errors.ts';
import type { MergePlan } from './plan/merge-plan.ts';
import { type PlanMergeOptions, planMerge } from './plan-merge.ts';
import type { MergeRecipe } from './recipe/merge-recipe.ts';
import { type ExecuteOptions, executePlan, type MergeOutcome } from './stream/execute-plan.ts';
import { isResultOf } from './stream/merge-record.ts';
import { prepareFile } from './stream/unfinished-folder.ts';
import { writeSurroundings } from './stream/write-surroundings.ts';

/** @throws UsageError for a recipe that nothing could refer to; otherwise as `mergeModels` */
export async function mergeRecipes(
  recipes: readonly MergeRecipe[],
  out: string,
  options: PlanMergeOptions & ExecuteOptions = {},
): Promise<MergeOutcome> {
  const made = new Map<string, string>();
  const withMade = resolvingTo(made, options);
  for (const recipe of recipes.slice(0, -1)) {
    const name = requireName(recipe);
    const folder = resultFolder(out, name);
    const plan = await planMerge(recipe, withMade);
    if (!(await isResultOf(plan, folder, options))) await executePlan(plan, folder, options);
    made.set(name, folder);
  }
  return executePlan(await planMerge(recipes.at(-1)!, withMade), out, options);
}

/**
 * The plans of all recipes. What an earlier one has yet to make is stood for by its configuration, tokenizer and headers with
 * empty space behind them, in a temporary folder that is removed.
 * @throws as `mergeRecipes` before it writes
 */
export async function planRecipes(
  recipes: readonly MergeRecipe[],
  options: PlanMergeOptions = {},
): Promise<readonly MergePlan[]> {
  const made = new Map<string, string>();
  const withMade = resolvingTo(made, options);
  const temporary = await mkdtemp(join(tmpdir(), 'finery-merge-plan-'));
  try {
    const plans: MergePlan[] = [];
    for (const [index, recipe] of recipes.entries()) {
      const plan = await planMerge(recipe, withMade, new Set(made.keys()));
      plans.push(plan);
      if (index === recipes.length - 1) break;
      const folder = join(temporary, String(index));
      await mkdir(folder);
      for (const file of plan.layout.files) await prepareFile(folder, file);
      await writeSurroundings(plan, folder);
      made.set(requireName(recipe), folder);
    }
    return plans;
  } finally {
    await rm(temporary, { recursive: true });
  }
}

/** Where the result of a recipe lies that is not the last of its file. */
export function resultFolder(out: string, name: string | undefined): string {
  return `${out}.${name}`;
}

function resolvingTo<Options extends PlanMergeOptions>(made: ReadonlyMap<string, string>, options: Options): Options {
  const { resolve = resolveModel } = options;
  return { ...options, resolve: async (name: string) => made.get(name) ?? resolve(name) };
}

function requireName(recipe: MergeRecipe): string {
  if (recipe.name !== undefined) return recipe.name;
  throw new UsageError({
    field: recipe.at([]),
    found: 'a recipe without a name before the last one',
    expected: 'a name, by which a later recipe can use its result',
    fix: 'Add name, or remove the recipe.',
  });
}
