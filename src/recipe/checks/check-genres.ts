/** The kinds of documents that a set of the synthetic world names are there, and some can be held out. */
import { genresOf } from '../../finworld/index.ts';
import type { Finding } from '../../yaml/explain-issues.ts';
import { nearest } from '../../yaml/near-miss.ts';
import type { CheckedDocument } from '../schema/recipe.ts';

export function* checkGenres({ data }: CheckedDocument): Generator<Finding> {
  for (const [name, source] of Object.entries(data)) {
    if (!('finworld' in source) || source.finworld.genres === undefined) continue;
    const { world, genres } = source.finworld;
    const { names, aboutEntities } = genresOf(world);
    const path = ['data', name, 'finworld', 'genres'];
    for (const [index, genre] of genres.entries()) {
      if (names.includes(genre)) continue;
      const meant = nearest(genre, names);
      yield {
        path: [...path, index],
        found: JSON.stringify(genre),
        expected: `one of ${names.join(', ')}`,
        fix: meant === undefined ? `Name a kind of document of the ${world} world.` : `Did you mean "${meant}"?`,
      };
    }
    if (genres.some((genre) => aboutEntities.includes(genre))) continue;
    yield {
      path,
      found: genres.join(' and '),
      expected: 'at least one kind that is about a company, because companies are what is held out',
      fix: 'Add another kind of document.',
    };
  }
}
