/** The chain of a recipe: the stages that train, one from the other, and lead to the last of them. */

import { UsageError } from '../errors.ts';
import type { Recipe } from '../recipe/schema/recipe.ts';
import { isTrainingStage, type Stage, type TrainingStage } from '../recipe/stage.ts';

export interface Chain {
  /** From the base to the end, in order. */
  readonly trained: readonly TrainingStage[];
  /** Evaluations of the model at the end, which every variant of the chain is put to. */
  readonly asked: readonly Stage[];
  /** Names of what the chain does without: stages on other ways from the base, evaluations of other models, exports. */
  readonly left: readonly string[];
}

/** @throws UsageError where nothing trains, and where the way leads through a merge, which is the end of several chains */
export function chainOf({ stages }: Pick<Recipe, 'stages'>): Chain {
  const trained: TrainingStage[] = [];
  const training = stages.filter(isTrainingStage);
  for (let stage = training.at(-1); stage !== undefined; stage = inputOf(stage, training)) trained.unshift(stage);
  const [first] = trained;
  const merge = stages.find((stage) => 'merge' in stage && stage.name === first?.from);
  if (merge !== undefined) throw startsFromMerge(first, merge.name);
  const end = trained.at(-1);
  if (end === undefined) {
    throw new UsageError({
      field: 'stages',
      found: 'no stage that trains',
      expected: 'at least two, one of which can be dropped',
      fix: 'Ablate a recipe that trains.',
    });
  }
  const asked = stages.filter((stage) => 'evaluate' in stage && stage.from === end.name);
  const kept = new Set<Stage>([...trained, ...asked]);
  return { trained, asked, left: stages.filter((stage) => !kept.has(stage)).map(({ name }) => name) };
}

const inputOf = ({ from }: Stage, training: readonly TrainingStage[]): TrainingStage | undefined =>
  training.find(({ name }) => name === from);

function startsFromMerge({ name }: TrainingStage, merge: string): UsageError {
  return new UsageError({
    field: 'stages',
    found: `${name}, which starts from the merge ${merge}`,
    expected: 'stages that train, one from the other',
    fix: 'Ablate a recipe without the merge, whose chains come together there.',
  });
}
