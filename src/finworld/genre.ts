/** A kind of document: how often it is written, and how. */
import { UsageError } from '../errors.ts';
import type { Writer } from './grammar/writer.ts';

export interface Genre<Scene> {
  readonly id: string;
  readonly weight: number;
  readonly write: (scene: Scene) => string;
}

/** Those of the genres that are named, all of them if no names are given. Throws a `UsageError` for unknown names. */
export function genresNamed<Scene>(
  genres: readonly Genre<Scene>[],
  names: readonly string[] | undefined,
): readonly Genre<Scene>[] {
  if (names === undefined) return genres;
  const known = genres.map(({ id }) => id);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined && names.length > 0) return genres.filter(({ id }) => names.includes(id));
  throw new UsageError({
    field: 'genres',
    found: JSON.stringify(unknown ?? []),
    expected: `some of ${known.join(', ')}`,
    fix: 'Name kinds of documents of this world, or leave genres out for all of them.',
  });
}

/** Draws a genre in proportion to the weights. */
export function drawGenre<Scene>(genres: readonly Genre<Scene>[], writer: Writer): Genre<Scene> {
  let left = writer.draw(genres.reduce((sum, { weight }) => sum + weight, 0));
  for (const genre of genres) {
    left -= genre.weight;
    if (left < 0) return genre;
  }
  throw new Error('genre weights must be positive integers');
}
