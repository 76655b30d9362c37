/**
 * The merges of a run, planned before anything is trained: an unknown parameter or a shape that does not fit must not come
 * up after hours. Models that are still to be made have the shapes of the base, which stands for them.
 */
import { dirname } from 'node:path';
import { UsageError } from '../../errors.ts';
import type { MergePlan } from '../../merge/plan/merge-plan.ts';
import { planMerge } from '../../merge/plan-merge.ts';
import type { MergeRecipe } from '../../merge/recipe/merge-recipe.ts';
import { normalizeMergeRecipe } from '../../merge/recipe/read-merge-recipe.ts';
import { readVocabulary } from '../../merge/tokenizer/vocabulary.ts';
import type { ParameterSpec } from '../../models/decoder.ts';
import { isDerived } from '../../models/model-checkpoint.ts';
import { isPairwise, type LanguageModel } from '../prepare.ts';
import { isStageName, mergedStages } from '../schema/merge.ts';
import { BASE } from '../schema/stage-names.ts';
import type { MergeStage } from '../stage.ts';
import type { MergeFolder } from './merge-folders.ts';
import type { PlannedStage } from './plan-stages.ts';

interface MergedModel {
  readonly parameters: readonly Pick<ParameterSpec, 'name' | 'shape'>[];
  isSpare(tensor: string): boolean;
}

/** A merge of encoder-decoders leaves out what nobody reads. */
export function mergedModelOf(language: LanguageModel): MergedModel {
  if (isPairwise(language)) return { parameters: language.model.architecture.parameters, isSpare: () => false };
  const { decoder } = language.model;
  return { parameters: decoder.parameters, isSpare: (tensor) => isDerived(tensor, decoder) };
}

export interface PlanMergesOptions {
  /** Folder of the base. */
  readonly base: string;
  /** The base's parameters, and which other tensors mean nothing. */
  readonly model: MergedModel;
  readonly folders: ReadonlyMap<string, MergeFolder>;
}

/**
 * By name of the stage.
 * @throws UsageError for merges that the recipe gets wrong, and for results that are not of the run's architecture and
 * vocabulary; InputError for models that do not go together
 */
export async function planMerges(
  plan: readonly PlannedStage[],
  { base, model, folders }: PlanMergesOptions,
): Promise<ReadonlyMap<string, MergePlan>> {
  const plans = new Map<string, MergePlan>();
  for (const { stage } of plan) {
    if (!('merge' in stage)) continue;
    const resolve = async (name: string): Promise<string> => (isStageName(name) ? base : folders.get(name)!.path);
    const unmade = new Set(mergedStages(stage.merge).filter((name) => name !== BASE));
    const planned = await planMerge(mergeRecipeOf(stage), { resolve }, unmade);
    requireShapes(stage, planned, model);
    await requireVocabulary(stage, planned, base);
    plans.set(stage.name, planned);
  }
  return plans;
}

/** A merge stage as the merge language has it. */
export function mergeRecipeOf({ name, merge }: MergeStage): MergeRecipe {
  const of = `of the stage ${name}`;
  return normalizeMergeRecipe(merge, `merge ${of}`, (path) => `${['merge', ...path].join('.')} ${of}`);
}

function requireShapes({ name }: MergeStage, { jobs }: MergePlan, model: MergedModel): void {
  const wanted = new Map(model.parameters.map(({ name: tensor, shape }) => [tensor, `[${shape.join(', ')}]`]));
  const found = new Map(jobs.map(({ name: tensor, shape }) => [tensor, `[${shape.join(', ')}]`]));
  const names = [...new Set([...wanted.keys(), ...found.keys()])].filter((tensor) => !model.isSpare(tensor));
  const odd = names.find((tensor) => wanted.get(tensor) !== found.get(tensor));
  if (odd === undefined) return;
  throw otherModel(name, `${odd} of shape ${found.get(odd) ?? 'nothing'}`, `shape ${wanted.get(odd) ?? 'nothing'}`);
}

/** The data of a run are read with one tokenizer. */
async function requireVocabulary({ name }: MergeStage, { companions }: MergePlan, base: string): Promise<void> {
  const companion = companions.get('tokenizer.json');
  const own = await readVocabulary(base);
  if (companion === undefined || own === undefined) return;
  const merged = 'path' in companion ? await readVocabulary(dirname(companion.path)) : undefined;
  const odd = [...own.ids].find(([token, id]) => merged?.ids.get(token) !== id);
  if (odd === undefined) return;
  throw otherModel(name, 'another vocabulary', 'that of the base');
}

function otherModel(stage: string, found: string, expected: string): UsageError {
  return new UsageError({
    field: `merge of the stage ${stage}`,
    found: `a result with ${found}`,
    expected: `${expected}, as every model of a run has`,
    fix: 'Make such a model with finery merge, and start a run from it.',
  });
}
