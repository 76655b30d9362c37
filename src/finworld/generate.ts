/** The front door of finworld: documents of the finance world and of its general twin. */
import { checkSequence, type Document, type SequenceOptions, sequence } from './document.ts';
import { createEconomy, type Economy } from './economy/economy.ts';
import { economyGenres, financeGenres } from './finance/genres.ts';
import { createScene } from './finance/scene.ts';
import { generalGenres } from './general/genres.ts';
import { createRegion, type Region } from './general/region.ts';
import { createGeneralScene } from './general/scene.ts';
import { drawGenre } from './genre.ts';
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
  const economy = createEconomy(options);
  return { [Symbol.iterator]: () => sequence(options, (index) => financeDocument(economy, options.split, index)) };
}

/** Everyday prose about an invented region, free of finance: what a model must not forget. Otherwise as `generateFinance`. */
export function generateGeneral(options: GeneralOptions): Iterable<Document> {
  checkSequence(options);
  const region = createRegion(options);
  return { [Symbol.iterator]: () => sequence(options, (index) => generalDocument(region, options.split, index)) };
}

/** Document `index` of one split of an economy. */
export function financeDocument(economy: Economy, split: Split, index: number): Document {
  const scene = createScene(economy, split, index);
  const genre = drawGenre(financeGenres, scene.writer);
  return {
    id: `finance/${split}/${index}`,
    text: genre.write(scene),
    source: genre.id,
    company: economyGenres.has(genre.id) ? undefined : scene.company.name,
    split,
  };
}

/** Document `index` of one split of a region. */
export function generalDocument(region: Region, split: Split, index: number): Document {
  const scene = createGeneralScene(region, split, index);
  const genre = drawGenre(generalGenres, scene.writer);
  return {
    id: `general/${split}/${index}`,
    text: genre.write(scene),
    source: genre.id,
    place: scene.place.name,
    split,
  };
}
