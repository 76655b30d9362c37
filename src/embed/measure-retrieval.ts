/** Puts the queries of pairs to an embedder, with the documents of all of them to choose from. */
import type { Pair } from '../data/pairs/pair.ts';
import type { Embedder, EmbedOptions } from './embedder.ts';
import { type RetrievalScores, ranksOfOwn, scoresOfRanks } from './retrieval.ts';
import type { SentenceModules } from './sentence-modules.ts';

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

/** The rank of each query's own document among those of all; negatives are among the documents too. */
export async function rankDocuments(
  embedder: Embedder,
  pairs: readonly Pair[],
  { query, document }: RetrievalPrefixes,
  { signal, onProgress }: Pick<EmbedOptions, 'signal' | 'onProgress'> = {},
): Promise<number[]> {
  const documents = [...pairs.map(({ positive }) => positive), ...pairs.flatMap(({ negatives }) => negatives)];
  const total = pairs.length + documents.length;
  const asked = await embedder.embed(
    pairs.map((pair) => pair.query),
    { prefix: query, signal, onProgress: (done) => onProgress?.(done, total) },
  );
  const found = await embedder.embed(documents, {
    prefix: document,
    signal,
    onProgress: (done) => onProgress?.(pairs.length + done, total),
  });
  return ranksOfOwn(asked, found, documents, signal);
}
