/** A kind of document: how often it is written, and how. */
import type { Writer } from './grammar/writer.ts';

export interface Genre<Scene> {
  readonly id: string;
  readonly weight: number;
  readonly write: (scene: Scene) => string;
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
