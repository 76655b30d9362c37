/** Some of a recipe's stages: what `--skip` and `--until` leave. */
import { UsageError } from '../errors.ts';
import { nearest } from '../yaml/near-miss.ts';
import { renameStages } from './schema/merge.ts';
import type { Recipe } from './schema/recipe.ts';
import type { Stage } from './stage.ts';

export interface StageSelection {
  /** Stages that are left out; what starts from one takes what that one would have started from. */
  readonly skip?: readonly string[];
  /** The last stage. */
  readonly until?: string;
  /** The first stage that is made again although there is a result; so is what depends on it. */
  readonly from?: string;
}

/** @throws UsageError naming the option, for a stage that is not there, and where nothing is left */
export function selectStages(recipe: Recipe, { skip = [], until, from }: StageSelection): Recipe {
  const names = recipe.stages.map(({ name }) => name);
  for (const name of skip) requireStage('--skip', name, names);
  const end = until === undefined ? names.length : requireStage('--until', until, names) + 1;
  const inputs = new Map<string, string>();
  const stages = recipe.stages.slice(0, end).flatMap((stage) => {
    const input = inputs.get(stage.from) ?? stage.from;
    if (!skip.includes(stage.name)) return [startingFrom(stage, input, inputs)];
    inputs.set(stage.name, input);
    return [];
  });
  if (from !== undefined) requireLeft(from, { names, left: stages.map(({ name }) => name) });
  if (stages.length > 0) return { ...recipe, stages };
  throw new UsageError({
    field: '--skip',
    found: 'every stage',
    expected: 'one that is left to do',
    fix: 'Skip fewer stages.',
  });
}

/** @param inputs by skipped stage, what it would have started from */
function startingFrom(stage: Stage, from: string, inputs: ReadonlyMap<string, string>): Stage {
  if (!('merge' in stage)) return { ...stage, from };
  return { ...stage, from, merge: renameStages(stage.merge, (name) => inputs.get(name) ?? name) };
}

function requireLeft(
  from: string,
  { names, left }: { readonly names: readonly string[]; readonly left: readonly string[] },
) {
  if (!names.includes(from) || left.includes(from)) return requireStage('--from', from, left);
  throw new UsageError({
    field: '--from',
    found: `${JSON.stringify(from)}, which --until or --skip leaves out`,
    expected: `one of ${left.join(', ')}`,
    fix: 'Name a stage that is left, or leave it in.',
  });
}

function requireStage(option: string, name: string, names: readonly string[]): number {
  const place = names.indexOf(name);
  if (place >= 0) return place;
  const meant = nearest(name, names);
  throw new UsageError({
    field: option,
    found: `no stage called ${JSON.stringify(name)}`,
    expected: `one of ${names.join(', ')}`,
    fix: meant === undefined ? 'Name a stage of the recipe.' : `Did you mean "${meant}"?`,
  });
}
