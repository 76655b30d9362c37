/** Puts the queries of pairs to an embedder, with the documents of all of them to choose from. */
import type { Pair } from '../data/pairs/pair.ts';
import { UsageError } from '../errors.ts';
import { formatBytes } from '../observe/numbers.ts';
import type { Embedder, EmbedOptions } from './embedder.ts';
import { ranksOfOwn, type UnitVectors } from './ranks-of-own.ts';
import { type RetrievalScores, scoresOfRanks } from './retrieval.ts';
import type { SentenceModules } from './sentence-modules.ts';
import { normalizeVector } from './vectors.ts';

export interface RetrievalPrefixes {
  /** Texts that go before each query and each document. */
  readonly query: string;
  readonly document: string;
}

/** What a model says about them, under the names that models have for them. */
export function prefixesOf({
  prompts: { query, document, passage },
}: Pick<SentenceModules, 'prompts'>): RetrievalPrefixes {
  return { query: query ?? '', document: document ?? passage ?? '' };
}

/** The scores of what `rankDocuments` gives. */
export const measureRetrieval = async (...asked: Parameters<typeof rankDocuments>): Promise<RetrievalScores> =>
  scoresOfRanks(await rankDocuments(...asked));

/**
 * The rank of each query's own document among those of all; negatives are among the documents too, and equal texts are one
 * document. Memory holds a vector for each query and document. Progress counts queries, documents, and queries again, which
 * are ranked.
 */
export async function rankDocuments(
  embedder: Embedder,
  pairs: readonly Pair[],
  { query, document }: RetrievalPrefixes,
  { signal, onProgress }: Pick<EmbedOptions, 'signal' | 'onProgress'> = {},
): Promise<number[]> {
  const places = new Map<string, number>();
  const place = (text: string): number => {
    const known = places.get(text) ?? places.size;
    places.set(text, known);
    return known;
  };
  const own = pairs.map(({ positive }) => place(positive));
  for (const { negatives } of pairs) negatives.forEach(place);
  const documents = [...places.keys()];
  const asked = pairs.map((pair) => pair.query);
  const total = 2 * asked.length + documents.length;
  requireRoom(asked.length + documents.length, embedder.dimensions);
  const told = (before: number) => (done: number) => onProgress?.(before + done, total);
  const queries = await vectorsOf(embedder, asked, { prefix: query, signal, onProgress: told(0) });
  const found = await vectorsOf(embedder, documents, { prefix: document, signal, onProgress: told(asked.length) });
  const { engine } = embedder;
  return ranksOfOwn(queries, found, own, { engine, signal, onProgress: told(asked.length + documents.length) });
}

function requireRoom(texts: number, dimensions: number): void {
  const [bytes, available] = [4 * dimensions * texts, process.availableMemory()];
  if (bytes <= available) return;
  throw new UsageError({
    field: 'pairs to measure with',
    found: `${formatBytes(bytes)} of vectors, one for each of ${texts} texts`,
    expected: `at most the ${formatBytes(available)} that are free`,
    fix: 'Measure with fewer pairs, or hold out a smaller share.',
  });
}

/** Texts whose tokens are in memory at once. */
const textsAtOnce = 8192;

async function vectorsOf(
  embedder: Embedder,
  texts: readonly string[],
  { onProgress, ...options }: Pick<EmbedOptions, 'prefix' | 'signal'> & { onProgress: (done: number) => void },
): Promise<UnitVectors> {
  const { dimensions: width } = embedder;
  const values = new Float32Array(texts.length * width);
  for (let start = 0; start < texts.length; start += textsAtOnce) {
    const vectors = await embedder.embed(texts.slice(start, start + textsAtOnce), {
      ...options,
      onProgress: (done) => onProgress(start + done),
    });
    for (const [i, vector] of vectors.entries()) values.set(normalizeVector(vector), (start + i) * width);
  }
  return { values, width };
}
