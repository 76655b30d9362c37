/** The front door of finworld: documents of the finance world and of its general twin. */
import { checkSequence, type Document, type SequenceOptions, sequence } from './document.ts';
import { createEconomy, type Economy } from './economy/economy.ts';
import { economyGenres, financeGenres } from './finance/genres.ts';
import { createScene } from './finance/scene.ts';
import { generalGenres } from './general/genres.ts';
import { createRegion, type Region } from './general/region.ts';
import { createGeneralScene } from './general/scene.ts';
import { drawGenre, genresNamed } from './genre.ts';
import type { Split } from './split.ts';

export interface FinanceOptions extends SequenceOptions {
  /** Size of the economy; 2,000 companies unless told. */
  readonly companies?: number;
}

export interface GeneralOptions extends SequenceOptions {
  /** Size of the region; 600 places unless told. */
  readonly places?: number;
}

/**
 * Finance prose about invented companies, written lazily. Document i is the same whatever else is generated.
 *
 *   for (const { text } of generateFinance({ seed: 1, split: 'train', documents: 1000 })) ...
 *
 * Throws a `UsageError` for options out of bounds.
 */
export function generateFinance(options: FinanceOptions): Iterable<Document> {
  checkSequence(options);
  const genres = genresNamed(financeGenres, options.genres);
  const economy = createEconomy(options);
  const write = (index: number) => financeDocument(economy, options.split, index, genres);
  return { [Symbol.iterator]: () => sequence(options, write) };
}

/** Everyday prose about an invented region, free of finance: what a model must not forget. Otherwise as `generateFinance`. */
export function generateGeneral(options: GeneralOptions): Iterable<Document> {
  checkSequence(options);
  const genres = genresNamed(generalGenres, options.genres);
  const region = createRegion(options);
  const write = (index: number) => generalDocument(region, options.split, index, genres);
  return { [Symbol.iterator]: () => sequence(options, write) };
}

/** The kinds of documents of a world, and which of them are about a company or a place. */
export function genresOf(world: 'finance' | 'general'): { readonly names: string[]; readonly aboutEntities: string[] } {
  const names = (world === 'finance' ? financeGenres : generalGenres).map(({ id }) => id);
  return { names, aboutEntities: names.filter((name) => !economyGenres.has(name)) };
}

/** Document `index` of one split of an economy. */
export function financeDocument(economy: Economy, split: Split, index: number, genres = financeGenres): Document {
  const scene = createScene(economy, split, index);
  const genre = drawGenre(genres, scene.writer);
  return {
    id: `finance/${split}/${index}`,
    text: genre.write(scene),
    source: genre.id,
    company: economyGenres.has(genre.id) ? undefined : scene.company.name,
    split,
  };
}

/** Document `index` of one split of a region. */
export function generalDocument(region: Region, split: Split, index: number, genres = generalGenres): Document {
  const scene = createGeneralScene(region, split, index);
  const genre = drawGenre(genres, scene.writer);
  return {
    id: `general/${split}/${index}`,
    text: genre.write(scene),
    source: genre.id,
    place: scene.place.name,
    split,
  };
}
