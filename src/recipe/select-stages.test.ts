import { describe, expect, it } from 'vitest';
import { resolveRecipe } from './resolve-recipe.ts';
import { selectStages } from './select-stages.ts';

const recipe = resolveRecipe({
  name: 'chain',
  base: { checkpoint: 'model' },
  data: { text: { files: ['a.txt'] }, chats: { conversations: { files: ['b.jsonl'] } } },
  stages: [
    { name: 'a', cpt: {} },
    { name: 'b', cpt: {} },
    { name: 'aside', from: 'base', cpt: {} },
    { name: 'look', from: 'b', evaluate: { tasks: ['finworld_sentiment'] } },
    { name: 'c', from: 'b', sft: {} },
  ],
});
const chain = (selection: Parameters<typeof selectStages>[1]) =>
  selectStages(recipe, selection).stages.map(({ name, from }) => `${from} > ${name}`);

/** With stages of every kind that a selection can cut off. */
const mixed = resolveRecipe({
  name: 'mixed',
  base: { checkpoint: 'model' },
  data: {
    text: { files: ['a.txt'] },
    chats: { conversations: { files: ['b.jsonl'] } },
    finder: { pairs: { files: ['c.jsonl'] } },
  },
  evaluation: { tasks: { on: ['finworld_sentiment'] } },
  stages: [
    { name: 'early', contrastive: { adapter: {} } },
    { name: 'a', cpt: { adapter: {} } },
    { name: 'b', from: 'base', sft: {} },
    { name: 'both', merge: { merge_method: 'linear', models: [{ model: 'a' }, { model: 'b' }] } },
    { name: 'late', contrastive: {} },
    { name: 'last', contrastive: { prefixes: { query: 'q: ' } } },
    { name: 'look', from: 'both', evaluate: { tasks: ['finworld_sentiment'] } },
    { name: 'out', from: 'a', export: {} },
  ],
});

describe('selectStages', () => {
  it('leaves everything where nothing is asked', () => {
    expect(selectStages(recipe, {})).toEqual(recipe);
  });

  it('hands the input of a skipped stage on, also through several', () => {
    expect(chain({ skip: ['b'] })).toEqual(['base > a', 'base > aside', 'a > look', 'a > c']);
    expect(chain({ skip: ['b', 'a'] })).toEqual(['base > aside', 'base > look', 'base > c']);
    expect(chain({ skip: ['look'] })).toEqual(['base > a', 'a > b', 'base > aside', 'b > c']);
  });

  it('ends after a stage', () => {
    expect(chain({ until: 'b' })).toEqual(['base > a', 'a > b']);
    expect(chain({ until: 'look', skip: ['a'] })).toEqual(['base > b', 'base > aside', 'b > look']);
  });

  it('leaves a recipe that resolves to itself, whatever it leaves', () => {
    const names = mixed.stages.map(({ name }) => name);
    let selections = 0;
    for (let bits = 0; bits < 2 ** names.length - 1; bits++) {
      const skip = names.filter((_, i) => bits & (1 << i));
      const selected = selectStages(mixed, { skip });
      expect(JSON.stringify(resolveRecipe(selected)), skip.join()).toBe(JSON.stringify(selected));
      selections++;
    }
    expect(selections).toBe(255);
  });

  it.each([
    [{ skip: ['bb'] }, /--skip.*"bb".*one of a, b.*Did you mean "b"/],
    [{ until: 'd' }, /--until.*"d"/],
    [{ from: 'c', until: 'b' }, /--from.*"c", which --until or --skip leaves out.*one of a, b\b/],
    [{ from: 'd', until: 'b' }, /--from.*no stage called "d".*one of a, b\b/],
    [{ skip: ['a', 'b', 'aside', 'look', 'c'] }, /--skip.*every stage/],
  ])('refuses %j', (selection, message) => {
    expect(() => selectStages(recipe, selection)).toThrow(message);
  });
});
