import { describe, expect, it } from 'vitest';
import { resolveRecipe } from '../resolve-recipe.ts';

const recipe = (world: 'finance' | 'general', genres: string[]) =>
  resolveRecipe({
    name: 'genres',
    base: { checkpoint: 'base' },
    data: { text: { finworld: { world, genres } } },
    stages: [{ cpt: {} }],
  });

describe('genres of a set', () => {
  it('are those of its world', () => {
    expect(recipe('general', ['register', 'cumulative-tale']).data).toMatchObject({
      text: { finworld: { genres: ['register', 'cumulative-tale'] } },
    });
    expect(() => recipe('finance', ['register'])).toThrow('data.text.finworld.genres.0');
    expect(() => recipe('finance', ['figure-note'])).toThrow('Did you mean "figures-note"?');
  });

  it('include one that can be held out', () => {
    expect(() => recipe('finance', ['minutes', 'rate-decision'])).toThrow('companies are what is held out');
  });
});
