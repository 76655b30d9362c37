import { describe, expect, it } from 'vitest';
import { resolveRecipe } from '../recipe/resolve-recipe.ts';
import type { RecipeDocument } from '../recipe/schema/recipe.ts';
import { droppedStages } from './dropped-stages.ts';

type Stages = RecipeDocument['stages'];

const cpt = (name: string, from?: string): Stages[number] => ({ name, from, cpt: { mixture: { prose: 1 } } });
const ask = (name: string, from?: string): Stages[number] => ({ name, from, evaluate: { tasks: ['finworld_facts'] } });
const give: Stages[number] = { name: 'give', from: 'first', export: {} };

const recipe = (...stages: Stages) =>
  resolveRecipe({
    name: 'test',
    base: { checkpoint: 'nowhere' },
    data: { prose: { finworld: { world: 'general' } } },
    stages,
  });
const chain = [cpt('first'), cpt('second'), cpt('third')];

describe('droppedStages', () => {
  it.each<[string[], string[][]]>([
    [[], [['first'], ['second'], ['third']]],
    [['second'], [['second']]],
    [
      ['third+first', 'second', 'first+third'],
      [['first', 'third'], ['second']],
    ],
    [['second+second'], [['second']]],
  ])('of %j is %j', (drop, variants) => {
    expect(droppedStages(recipe(...chain, ask('ask')), drop)).toEqual(variants);
  });

  it('takes the way to the last stage that trains as the chain', () => {
    const branched = recipe(cpt('first'), cpt('aside', 'first'), cpt('last', 'first'));
    expect(droppedStages(branched)).toEqual([['first'], ['last']]);
  });

  it.each<[string, Stages, string[], RegExp]>([
    ['a name that is none', chain, ['secnd'], /no stage called "secnd".*Did you mean "second"\?/],
    ['nothing between two marks', chain, ['first++second'], /no stage called ""/],
    ['a stage that trains nothing', [...chain, ask('ask')], ['ask'], /"ask", which trains nothing/],
    [
      'a stage on another way',
      [cpt('first'), cpt('aside', 'base'), cpt('last', 'first')],
      ['aside'],
      /"aside", which the model of last does not come from/,
    ],
    ['the only stage', [cpt('first')], [], /first, the only stage that trains/],
    ['all stages together', chain, ['first+second+third'], /first\+second\+third, all stages that train/],
    ['what is evaluated in the middle', [...chain, ask('ask', 'first')], ['first'], /stage ask evaluates.*--skip ask/],
    ['what is exported in the middle', [...chain, give], ['first+third'], /stage give writes.*--skip give/],
  ])('refuses %s', (_, stages, drop, message) => {
    expect(() => droppedStages(recipe(...stages), drop)).toThrow(message);
  });

  it('drops the end though it is evaluated, because what comes before is then the end', () => {
    expect(droppedStages(recipe(...chain, ask('ask')), ['third'])).toEqual([['third']]);
  });

  it('leaves a merge aside, and refuses a chain that goes through one', () => {
    const merge: Stages[number] = {
      name: 'both',
      merge: {
        merge_method: 'linear',
        models: ['first', 'second'].map((model) => ({ model, parameters: { weight: 1 } })),
      },
    };
    expect(droppedStages(recipe(...chain, merge))).toHaveLength(3);
    expect(() => droppedStages(recipe(cpt('first'), cpt('second'), merge, cpt('last', 'both')))).toThrow(
      /last, which starts from the merge both/,
    );
  });

  it('refuses a recipe that trains nothing', () => {
    expect(() => droppedStages(recipe(ask('ask', 'base')))).toThrow(/no stage that trains/);
  });
});
