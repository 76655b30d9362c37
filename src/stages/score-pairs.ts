/** How well an encoder-decoder predicts held-out answers: `score-answers.ts` for pairs. */
import { sidesOf } from '../data/conversations/encode-pair.ts';
import { rowLengths } from '../data/seq2seq-stream.ts';
import type { DocumentScore } from '../eval/bits-per-byte.ts';
import type { MeasureOptions } from '../eval/measure.ts';
import { layOutPairs } from '../objectives/seq2seq/batch.ts';
import { type Seq2SeqModel, Seq2SeqPrograms } from '../objectives/seq2seq/programs.ts';
import type { Engine } from '../runtime/engine.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';
import { type HeldOutAnswers, learntBytes } from './score-answers.ts';

/** As it is, also in the middle of its training. */
export type MeasurableEncoderDecoder = Seq2SeqModel & { readonly tokenizer: Tokenizer | undefined };

/** Shapes of batches that are kept compiled. */
const mostPrograms = 4;

/**
 * Scores of every pair, by set, in order; none may have a side that is longer than a row. The model is only read.
 * @returns nats of the answer, its end included, and the bytes that it spells
 */
export async function measurePairs(
  engine: Engine,
  model: MeasurableEncoderDecoder,
  sets: readonly HeldOutAnswers[],
  { rows, signal, onProgress }: MeasureOptions,
): Promise<Map<string, DocumentScore[]>> {
  const { tokenizer } = model;
  if (!tokenizer) throw new Error('answers need a tokenizer');
  const { startId } = model.architecture;
  const programs = new Seq2SeqPrograms(engine, model, { most: mostPrograms });
  try {
    const scores = new Map<string, DocumentScore[]>();
    for (const { name, documents } of sets) {
      const pairs = documents.map(({ ids, trained }, index) => {
        const { input } = sidesOf(trained);
        return { index, input: ids.subarray(0, input), target: ids.subarray(input) };
      });
      const lengths = rowLengths(documents.map(({ trained }) => sidesOf(trained)));
      pairs.sort((a, b) => a.input.length + a.target.length - b.input.length - b.target.length);
      const nats = new Float64Array(documents.length);
      const totalBatches = Math.ceil(pairs.length / rows);
      for (let first = 0; first < pairs.length; first += rows) {
        signal?.throwIfAborted();
        const chosen = pairs.slice(first, first + rows);
        const inputLength = lengths.input(Math.max(...chosen.map(({ input }) => input.length)));
        const targetLength = lengths.target(Math.max(...chosen.map(({ target }) => target.length)));
        const losses = await programs.score(layOutPairs(chosen, { rows, inputLength, targetLength, startId }));
        for (const [row, { index, target }] of chosen.entries()) {
          for (let i = 0; i < target.length; i++) nats[index] += losses[row * targetLength + i];
        }
        onProgress?.(name, { batches: first / rows + 1, totalBatches });
      }
      scores.set(
        name,
        documents.map(({ id, source, ids, trained }, i) => {
          return { id, source, nats: nats[i], bytes: learntBytes(ids, trained, tokenizer) };
        }),
      );
    }
    return scores;
  } finally {
    await engine.drain();
    programs.release();
  }
}
