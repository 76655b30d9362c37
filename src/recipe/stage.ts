/** What the kinds of stages have in common, for those who need not tell them apart. */
import type { TrainingSettings } from '../stages/train-stage.ts';
import type { Recipe } from './schema/recipe.ts';

export type Stage = Recipe['stages'][number];

export const kindOf = (stage: Stage): 'cpt' | 'sft' => ('sft' in stage ? 'sft' : 'cpt');

export const settingsOf = (stage: Stage): TrainingSettings => ('sft' in stage ? stage.sft : stage.cpt);

/** Names of the sets that a stage learns from. */
export const setsOf = (stage: Stage): readonly string[] =>
  'sft' in stage ? stage.sft.on : Object.keys(stage.cpt.mixture);

/** Of stage `index`, in events and folders: `cpt`, or `cpt-2` where there are several stages. */
export function nameOf({ stages }: Recipe, index: number): string {
  const kind = kindOf(stages[index]);
  return stages.length > 1 ? `${kind}-${index + 1}` : kind;
}
