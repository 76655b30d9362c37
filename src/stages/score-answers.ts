/**
 * How well a model predicts what assistants say in conversations that it was not trained on: the negative log-likelihood
 * of the learnt tokens, and the bytes that these spell, so that it can be told as bits per byte.
 */
import { layOut } from '../data/packed-batch.ts';
import { packBestFitDecreasing } from '../data/packing.ts';
import { memoryStore } from '../data/token-store.ts';
import type { DocumentScore, Scorer, ScoringOptions } from '../eval/bits-per-byte.ts';
import type { ToolName } from '../generate/tools/named-tools.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

interface HeldOutConversation {
  readonly id: string;
  /** What results are reported by beside the total: a file, a kind of question. */
  readonly source: string;
  readonly ids: Int32Array;
  /** [tokens] 1 where a token is learnt. */
  readonly trained: Uint8Array;
}

export interface HeldOutAnswers {
  readonly name: string;
  readonly answers: true;
  /** Each is a text and the answer to it, one after the other, for the two sides of an encoder-decoder. Default no. */
  readonly asPairs?: true;
  /** Tools that the assistant calls in these conversations, and that run when a model answers. */
  readonly tools?: readonly ToolName[];
  readonly documents: readonly HeldOutConversation[];
}

/** Scores of every conversation, in order; none may be longer than a row of the scorer. */
export async function scoreAnswers(
  scorer: Scorer,
  { documents }: HeldOutAnswers,
  tokenizer: Pick<Tokenizer, 'tokenBytes'>,
  { signal, onProgress }: ScoringOptions = {},
): Promise<DocumentScore[]> {
  const { rows, length } = scorer;
  const stores = [memoryStore(documents)];
  const { items, rowStarts } = packBestFitDecreasing(
    documents.map(({ ids }) => ids.length),
    length,
  );
  const nats = new Float64Array(documents.length);
  const rowCount = rowStarts.length - 1;
  const totalBatches = Math.ceil(rowCount / rows);
  for (let first = 0; first < rowCount; first += rows) {
    signal?.throwIfAborted();
    const rowsOfItems = Array.from({ length: Math.min(rows, rowCount - first) }, (_, row) =>
      items.subarray(rowStarts[first + row], rowStarts[first + row + 1]),
    );
    const rowsOfPieces = rowsOfItems.map((row) => Array.from(row, (document) => piece(document, documents[document])));
    const losses = await scorer.score(layOut(rowsOfPieces, stores, { rows, length }));
    for (const [row, pieces] of rowsOfPieces.entries()) {
      let at = row * length;
      for (const { document, length: tokens } of pieces) {
        for (let i = 0; i < tokens; i++) nats[document] += losses[at + i];
        at += tokens;
      }
    }
    onProgress?.({ batches: first / rows + 1, totalBatches });
  }
  return documents.map(({ id, source, ids, trained }, i) => {
    return { id, source, nats: nats[i], bytes: learntBytes(ids, trained, tokenizer) };
  });
}

const piece = (document: number, { ids }: HeldOutConversation) => {
  return { source: 0, index: document, document, start: 0, length: ids.length, parts: 1 };
};

/** The first token has nothing before it to be predicted from. */
export function learntBytes(ids: Int32Array, trained: Uint8Array, tokenizer: Pick<Tokenizer, 'tokenBytes'>): number {
  let bytes = 0;
  for (let i = 1; i < ids.length; i++) if (trained[i] === 1) bytes += tokenizer.tokenBytes(ids[i]).length;
  return bytes;
}
