import { describe, expect, it } from 'vitest';
import { resolveRecipe } from '../recipe/resolve-recipe.ts';
import type { RecipeDocument } from '../recipe/schema/recipe.ts';
import { wholeChain, withoutStages } from './equal-tokens.ts';

const batch = { rows: 4, length: 32, gradient_accumulation_steps: 2 };
const stages: RecipeDocument['stages'] = [
  { name: 'read', cpt: { mixture: { prose: 1 }, tokens: 2560, batch } },
  { name: 'aside', from: 'base', sft: {} },
  { name: 'mix', from: 'read', joint: { batch }, gate: { on_fail: 'stop' } },
  { name: 'tune', sft: { batch } },
  { name: 'ask', evaluate: { tasks: ['finworld_facts'] } },
  { name: 'early', from: 'read', evaluate: { tasks: ['finworld_facts'] } },
  { name: 'give', export: {} },
];
const recipe = resolveRecipe({
  name: 'test',
  base: { checkpoint: 'nowhere' },
  data: { prose: { finworld: { world: 'general' } }, chats: { finworld_questions: {} } },
  stages,
});
const chain = wholeChain(recipe);
/** Steps of 250, 100 and 50 tokens. */
const costs = [
  { name: 'read', steps: 10, tokens: 2500 },
  { name: 'mix', steps: 20, tokens: 2000 },
  { name: 'tune', steps: 10, tokens: 500 },
];

const shorten = (dropped: readonly string[]) => withoutStages(chain, dropped, costs).stages;
const named = (name: string, dropped: readonly string[]) => shorten(dropped).find((stage) => stage.name === name);

describe('wholeChain', () => {
  it('is what leads to the last model and what is asked of it, with gates that never stop', () => {
    expect(chain.stages.map(({ name }) => name)).toEqual(['read', 'mix', 'tune', 'ask']);
    expect(chain.stages[1]).toMatchObject({ gate: { on_fail: 'warn' } });
  });
});

describe('withoutStages', () => {
  it('gives the tokens of a dropped stage to the next one, in steps of that one', () => {
    expect(named('mix', ['read'])).toMatchObject({ from: 'base', joint: { max_steps: 20 + 25 } });
    expect(named('tune', ['read'])).toEqual(chain.stages[2]);
    expect(named('tune', ['mix'])).toMatchObject({ from: 'read', sft: { max_steps: 10 + 40 } });
  });

  it('gives those of the last stages to the one before, and asks that one', () => {
    expect(named('mix', ['tune'])).toMatchObject({ joint: { max_steps: 20 + 5 } });
    expect(named('ask', ['tune'])).toMatchObject({ from: 'mix' });
    // 2,500 tokens of 10 steps, and 2,500 more: 20 steps of 256 places.
    expect(named('read', ['mix', 'tune'])).toMatchObject({ cpt: { tokens: 20 * 256 } });
  });

  it('leaves what comes before the first dropped stage alone, so that its result is shared', () => {
    expect(named('read', ['mix'])).toEqual(chain.stages[0]);
    expect(shorten(['tune'])[0]).toEqual(chain.stages[0]);
  });

  it('adds up what several stages leave', () => {
    expect(named('tune', ['read', 'mix'])).toMatchObject({ from: 'base', sft: { max_steps: 10 + 90 } });
    expect(named('mix', ['read', 'tune'])).toMatchObject({ joint: { max_steps: 20 + 25 + 5 } });
  });
});
