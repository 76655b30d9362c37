/** What an ablation leaves out: one stage at a time, or several together. */
import { UsageError } from '../errors.ts';
import type { Recipe } from '../recipe/schema/recipe.ts';
import { nearest } from '../yaml/near-miss.ts';
import { type Chain, chainOf } from './chain.ts';

/** Joins the names of stages that are dropped together; it stands in no name. */
export const TOGETHER = '+';

/**
 * The stages of each variant, in the order of the chain and each variant once.
 * @param drop names of stages, joined by `+` where they are dropped together; nothing for each stage of the chain by itself
 * @throws UsageError for what is no stage of the chain, for all of them together, and where something is asked of the model
 * that would not be there
 */
export function droppedStages(recipe: Pick<Recipe, 'stages'>, drop: readonly string[] = []): string[][] {
  const chain = chainOf(recipe);
  const names = chain.trained.map(({ name }) => name);
  const groups = drop.length === 0 ? names.map((name) => [name]) : drop.map((group) => group.split(TOGETHER));
  const variants = groups.map((group) => {
    for (const name of group) requireStage(name, chain, recipe);
    const dropped = names.filter((name) => group.includes(name));
    if (dropped.length === names.length) throw nothingLeft(names);
    for (const name of dropped.filter((each) => each !== names.at(-1))) requireUnasked(name, recipe);
    return dropped;
  });
  return [...new Map(variants.map((variant) => [variant.join(TOGETHER), variant])).values()];
}

function requireStage(name: string, { trained }: Chain, { stages }: Pick<Recipe, 'stages'>): void {
  const names = trained.map((stage) => stage.name);
  if (names.includes(name)) return;
  const there = stages.find((stage) => stage.name === name);
  const meant = nearest(name, names);
  const problem = { field: '--drop', expected: `one of ${names.join(', ')}` };
  if (there === undefined) {
    const fix = meant === undefined ? 'Name a stage of the recipe that trains.' : `Did you mean "${meant}"?`;
    throw new UsageError({ ...problem, found: `no stage called ${JSON.stringify(name)}`, fix });
  }
  const found = `${JSON.stringify(name)}, ${'gate' in there ? `which the model of ${names.at(-1)} does not come from` : 'which trains nothing'}`;
  throw new UsageError({ ...problem, found, fix: 'Drop a stage that the last model depends on.' });
}

function nothingLeft(names: readonly string[]): UsageError {
  const only = names.length === 1;
  return new UsageError({
    field: '--drop',
    found: only ? `${names[0]}, the only stage that trains` : `${names.join(TOGETHER)}, all stages that train`,
    expected: 'a stage that is left to train',
    fix: only ? 'Ablate a recipe of two stages or more.' : 'Drop fewer stages together.',
  });
}

/** What is asked of the end is asked of every variant's end; of a model in the middle there is none to ask. */
function requireUnasked(dropped: string, { stages }: Pick<Recipe, 'stages'>): void {
  const dependent = stages.find((stage) => !('gate' in stage) && stage.from === dropped);
  if (dependent === undefined) return;
  const does = 'evaluate' in dependent ? 'evaluates' : 'writes';
  throw new UsageError({
    field: '--drop',
    found: `${dropped}, whose model the stage ${dependent.name} ${does}`,
    expected: 'a stage that only training goes on from',
    fix: `Leave the other stage out too: --skip ${dependent.name}.`,
  });
}
