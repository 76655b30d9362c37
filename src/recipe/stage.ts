/** What the kinds of stages have in common, for those who need not tell them apart. */
import type { AdapterSettings } from '../adapters/settings.ts';
import type { TrainingSettings } from '../stages/train-stage.ts';
import type { Recipe } from './schema/recipe.ts';

export type Stage = Recipe['stages'][number];

export type MergeStage = Extract<Stage, { merge: unknown }>;

export type ContrastiveStage = Extract<Stage, { contrastive: unknown }>;

/** Stages that give a model, which is measured and held against a gate. */
export type ModelStage = Extract<Stage, { gate: unknown }>;
export type SftStage = Extract<Stage, { sft: unknown }>;
/** Stages that train a language model. */
export type TrainingStage = Exclude<ModelStage, MergeStage | ContrastiveStage>;

export const isModelStage = (stage: Stage): stage is ModelStage => 'gate' in stage;

export const isTrainingStage = (stage: Stage): stage is TrainingStage =>
  isModelStage(stage) && !('merge' in stage) && !isContrastiveStage(stage);

export const isContrastiveStage = (stage: Stage): stage is ContrastiveStage => 'contrastive' in stage;

export const settingsOf = (stage: TrainingStage): TrainingSettings => ownSettings(stage);

/** What a stage trains in place of the whole model, where it does. */
export function adapterOf(stage: TrainingStage | Pick<ContrastiveStage, 'contrastive'>): AdapterSettings | undefined {
  const { adapter } = 'contrastive' in stage ? stage.contrastive : ownSettings(stage);
  if (adapter === null) return undefined;
  const { target_modules: targetModules, ...settings } = adapter;
  return { ...settings, targetModules };
}

function ownSettings(stage: TrainingStage) {
  if ('cpt' in stage) return stage.cpt;
  return 'sft' in stage ? stage.sft : stage.joint;
}

/** Names of the sets that a stage learns from. */
export function setsOf(stage: Stage): readonly string[] {
  if ('cpt' in stage) return Object.keys(stage.cpt.mixture);
  if ('sft' in stage) return [...new Set([...stage.sft.on, ...Object.keys(stage.sft.replay)])];
  if ('contrastive' in stage) return stage.contrastive.on;
  if (!('joint' in stage)) return [];
  return [...new Set(stage.joint.groups.flatMap(({ documents, conversations }) => [...documents, ...conversations]))];
}
