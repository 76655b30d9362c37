/** Puts the queries of pairs to an embedder, with the documents of all of them to choose from. */
import type { Pair } from '../data/pairs/pair.ts';
import type { Embedder } from './embedder.ts';
import { type RetrievalScores, scoreRetrieval } from './retrieval.ts';

export interface RetrievalPrefixes {
  /** Texts that go before each query and each document. */
  readonly query: string;
  readonly document: string;
}

/** Negatives are among the documents too. */
export async function measureRetrieval(
  embedder: Embedder,
  pairs: readonly Pair[],
  { query, document }: RetrievalPrefixes,
): Promise<RetrievalScores> {
  const documents = [...pairs.map(({ positive }) => positive), ...pairs.flatMap(({ negatives }) => negatives)];
  const asked = await embedder.embed(
    pairs.map((pair) => pair.query),
    { prefix: query },
  );
  return scoreRetrieval(asked, await embedder.embed(documents, { prefix: document }), documents);
}
