/** What a recipe for adapters comes to: the adapters read and checked, nothing combined yet. */
import { join } from 'node:path';
import type { Adapter } from '../../adapters/adapter.ts';
import { configFile, type PeftTask } from '../../adapters/peft/adapter-config.ts';
import { readAdapter } from '../../adapters/peft/read-adapter.ts';
import { readPeftConfig } from '../../adapters/peft/read-config.ts';
import { resolveModel } from '../../checkpoint/hub/resolve-model.ts';
import { UsageError } from '../../errors.ts';
import { findNamed } from '../recipe/find-named.ts';
import type { AdapterRecipe } from './adapter-recipe.ts';
import { requireCombinable } from './combine-adapters.ts';
import { type CombinedSizes, combinedSizes, layerTerms } from './layer-terms.ts';

export interface CombinationPlan {
  readonly recipe: AdapterRecipe;
  readonly parts: readonly {
    /** As it stands in the recipe. */
    readonly name: string;
    readonly weight: number;
    readonly adapter: Adapter;
    /** Folder or hub id of the model that it was trained on. */
    readonly baseModel: string | undefined;
  }[];
  readonly sizes: CombinedSizes;
  /** For the result: that of the first adapter that has one. */
  readonly baseModel: string | undefined;
  /** For the result; all adapters that say one say the same. */
  readonly taskType: PeftTask | undefined;
  readonly warnings: readonly string[];
}

interface PlanCombinationOptions {
  /** From a name in the recipe to a folder on this machine; default: paths as they are, hub ids through the hub's cache. */
  readonly resolve?: (name: string) => Promise<string>;
}

/** @throws UsageError for adapters that do not go together, InputError for folders that hold none */
export async function planCombination(
  recipe: AdapterRecipe,
  { resolve = resolveModel }: PlanCombinationOptions = {},
): Promise<CombinationPlan> {
  const parts: CombinationPlan['parts'][number][] = [];
  let taskType: PeftTask | undefined;
  for (const [index, { name, weight }] of recipe.adapters.entries()) {
    const folder = await findNamed(name, { place: recipe.at(['adapters', index]), resolve });
    const config = await readPeftConfig(folder);
    if (config.taskType && taskType && config.taskType !== taskType)
      throw otherTask(join(folder, configFile), config.taskType, taskType);
    taskType ??= config.taskType;
    parts.push({ name, weight, adapter: await readAdapter(folder), baseModel: config.baseModel });
  }
  const { form, options, at } = recipe;
  requireCombinable(parts, form, (list, index) => at([list, index]));
  const bases = [...new Set(parts.flatMap(({ baseModel }) => baseModel ?? []))];
  const warnings =
    bases.length > 1
      ? [`The adapters name several bases, ${bases.join(', ')}: their changes add up over one base.`]
      : [];
  const sizes = combinedSizes(parts, layerTerms(parts), { form, rank: options.rank });
  return { recipe, parts, sizes, baseModel: bases[0], taskType, warnings };
}

function otherTask(path: string, found: PeftTask, expected: PeftTask): UsageError {
  return new UsageError({
    field: `${path}.task_type`,
    found,
    expected: `${expected}, as of the adapters before it`,
    fix: 'Combine adapters of one kind of model.',
  });
}
