import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { resolveRecipe } from '../resolve-recipe.ts';
import type { Recipe, RecipeDocument } from '../schema/recipe.ts';
import { BASE } from '../schema/stage-names.ts';
import { dependentsOf, planStages } from './plan-stages.ts';

const inputs = {
  base: 'base',
  data: new Map([['text', 'data']]),
  measuring: 'held out',
  tasks: new Map(),
  folders: new Map(),
};
const keysOf = (recipe: Recipe, changes: Partial<typeof inputs> = {}) =>
  planStages(recipe, { ...inputs, ...changes }).map(({ result }) => result.key);

/** A chain or a tree: each stage starts from the base or from one before it. */
const recipes = fc.array(fc.nat(), { minLength: 1, maxLength: 8 }).map((places) =>
  resolveRecipe({
    name: 'tree',
    base: { checkpoint: 'model' },
    data: { text: { files: ['a.txt'] } },
    stages: places.map((place, index): RecipeDocument['stages'][number] => {
      const from = place % (index + 1) === 0 ? BASE : `s${(place % (index + 1)) - 1}`;
      return { name: `s${index}`, from, cpt: { tokens: 10_000 + index } };
    }),
  }),
);

function changed(recipe: Recipe, index: number, change: (stage: Recipe['stages'][number]) => object): Recipe {
  return { ...recipe, stages: recipe.stages.map((stage, i) => (i === index ? { ...stage, ...change(stage) } : stage)) };
}

/** By following inputs up, not down. */
function descends(recipe: Recipe, from: number, index: number): boolean {
  if (from === index) return true;
  const parent = recipe.stages.findIndex(({ name }) => name === recipe.stages[index].from);
  return parent >= 0 && descends(recipe, from, parent);
}

describe('planStages', () => {
  it('gives other keys to a stage that is edited and to exactly those that depend on it', () => {
    fc.assert(
      fc.property(recipes, fc.nat(), (recipe, place) => {
        const index = place % recipe.stages.length;
        const edited = changed(recipe, index, (stage) => ({
          cpt: { ...('cpt' in stage && stage.cpt), learning_rate: 0.5 },
        }));
        const [before, after] = [keysOf(recipe), keysOf(edited)];
        expect(before.map((key, i) => key !== after[i])).toEqual(
          recipe.stages.map((_, i) => descends(recipe, index, i)),
        );
        expect(dependentsOf(`s${index}`, planStages(recipe, inputs)).map(({ number }) => number - 1)).toEqual(
          recipe.stages.flatMap((_, i) => (descends(recipe, index, i) ? [i] : [])),
        );
      }),
    );
  });

  const [recipe] = fc.sample(recipes, { seed: 5, numRuns: 1 });

  it('does not depend on names, gates and what is told of a stage', () => {
    const renamed = changed(recipe, recipe.stages.length - 1, (stage) => ({
      ...stage,
      name: 'other',
      gate: { metrics: [], tolerance: 1, on_fail: 'stop' },
      cpt: {
        ...('cpt' in stage && stage.cpt),
        checkpoints: { every_seconds: 1, keep_last: 1, budget_gb: null },
        logging_steps: 7,
        samples: null,
      },
    }));
    expect(keysOf(renamed)).toEqual(keysOf(recipe));
    const samples = { prompts: null, count: 3, every: 0.5, max_tokens: 64 };
    const told = changed(recipe, 0, (stage) => ({ cpt: { ...('cpt' in stage && stage.cpt), samples } }));
    expect(keysOf(told)[0]).not.toBe(keysOf(recipe)[0]);
  });

  it('depends on base, data, seed and element type', () => {
    const all = [
      keysOf(recipe),
      keysOf(recipe, { base: 'another' }),
      keysOf(recipe, { data: new Map([['text', 'other data']]) }),
      keysOf({ ...recipe, seed: 2 }),
      keysOf({ ...recipe, save: { dtype: 'f16' } }),
    ];
    expect(new Set(all.flat()).size).toBe(all.flat().length);
  });

  it('depends on how models are measured only where that decides which of them is the result', () => {
    const other = { measuring: 'held out otherwise' };
    expect(keysOf(recipe, other)).toEqual(keysOf(recipe));
    for (const choice of [{ load_best: true }, { load_best: false, early_stopping: { patience: 1 } }]) {
      const chosen = resolveRecipe({
        name: 'chosen',
        base: { checkpoint: 'model' },
        data: { text: { files: ['a.txt'] } },
        stages: [{ cpt: choice }],
      });
      expect(keysOf(chosen, other)).not.toEqual(keysOf(chosen));
    }
  });
});
