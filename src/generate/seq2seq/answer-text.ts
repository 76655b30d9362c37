/** An encoder-decoder's answers to a text, drawn and ended as those of a decoder are. */
import { Generation } from '../generation.ts';
import { checkRequest, type GenerationRequest } from '../request.ts';
import { Sequence } from '../sequence.ts';
import { spelledIds } from '../spelled-ids.ts';
import type { OpenEncoderDecoder } from './open-encoder-decoder.ts';
import { requireReadingMemory } from './reading-memory.ts';
import { Seq2SeqGenerator } from './seq2seq-generator.ts';

export interface Seq2SeqRequest
  extends Omit<GenerationRequest, 'prompt' | 'tools' | 'promptLogProbabilities' | 'maxTokens'> {
  /** Token ids of the text, as the tokenizer frames it. */
  readonly input: ArrayLike<number>;
  /** Tokens of an answer at most, the one that ends it included. */
  readonly maxTokens: number;
}

/**
 * Begins to answer. One call at a time for each model; the model may be closed once the generation has a result, or none.
 * @throws UsageError or InputError naming what cannot be
 */
export function answerText(
  { engine, architecture, parameters, tokenizer, endIds }: OpenEncoderDecoder,
  { input, ...asked }: Seq2SeqRequest,
): Generation {
  const { vocabulary } = architecture.sizes;
  const n = asked.n ?? 1;
  const { maxTokens } = asked;
  const start = [architecture.startId];
  // The start always has room for one token, so that a count of none is refused by its own name.
  const capacity = start.length + Math.max(1, maxTokens);
  const limits = { vocabulary, capacity, slots: n, endId: undefined };
  // The start is no text: it is read, and neither counted by penalties nor joined with what follows.
  const request = { ...checkRequest({ stopIds: endIds, ...asked, prompt: start }, limits), prompt: [] };
  const context = { tokenizer, vocabulary, spelled: spelledIds(tokenizer.vocabSize, vocabulary) };
  const shape = { rows: n, inputLength: input.length, maxTokens };
  requireReadingMemory(architecture.sizes, shape);
  const sequences = Array.from({ length: n }, (_, i) => new Sequence(i, undefined, [], request, context));

  const cancelled = new AbortController();
  const signals = asked.signal ? [asked.signal, cancelled.signal] : [cancelled.signal];
  const generation = new Generation(() => cancelled.abort());
  const answers = sequences.map((sequence) => ({
    next(logits: Float32Array) {
      for (const event of sequence.advance(logits)) generation.emit(event);
      return sequence.completion ? undefined : sequence.pending[0];
    },
  }));
  const generator = new Seq2SeqGenerator(engine, architecture, parameters, shape);
  generator
    .write(new Array(n).fill(input), answers, { signal: AbortSignal.any(signals) })
    .finally(() => generator.release())
    .then(
      () => generation.finish({ completions: sequences.map(({ completion }) => completion!) }),
      (error) => generation.fail(error),
    );
  return generation;
}
