/** An encoder-decoder's answers to texts, drawn and ended as those of a decoder are. */
import { isDeepStrictEqual } from 'node:util';
import { Generation } from '../generation.ts';
import { type Completion, checkRequest, type GenerationRequest } from '../request.ts';
import { Sequence } from '../sequence.ts';
import { spelledIds } from '../spelled-ids.ts';
import type { OpenEncoderDecoder } from './open-encoder-decoder.ts';
import { requireReadingMemory } from './reading-memory.ts';
import { Seq2SeqGenerator, type Seq2SeqGeneratorOptions, type TokenWriter } from './seq2seq-generator.ts';

export interface Seq2SeqRequest
  extends Omit<GenerationRequest, 'prompt' | 'tools' | 'promptLogProbabilities' | 'maxTokens'> {
  /** Token ids of the text, as the tokenizer frames it. */
  readonly input: ArrayLike<number>;
  /** Tokens of an answer at most, the one that ends it included. */
  readonly maxTokens: number;
}

/** What answers: a model that was opened for it, or one that is being trained. */
export interface AnsweringModel extends Pick<OpenEncoderDecoder, 'engine' | 'architecture' | 'tokenizer' | 'endIds'> {
  readonly parameters: ReadonlyMap<string, { readonly weight: Float32Array }>;
}

/**
 * Begins to answer. One call at a time for each model; the model may be closed once the generation has a result, or none.
 * @throws UsageError or InputError naming what cannot be
 */
export function answerText(model: AnsweringModel, request: Seq2SeqRequest): Generation {
  const { input, maxTokens, n = 1 } = request;
  const sequences = sequencesOf(model, request);
  const shape = { rows: n, inputLength: input.length, maxTokens };
  requireReadingMemory(model.architecture.sizes, shape);

  const cancelled = new AbortController();
  const signals = request.signal ? [request.signal, cancelled.signal] : [cancelled.signal];
  const generation = new Generation(() => cancelled.abort());
  const answers = sequences.map((sequence) => writerOf(sequence, (event) => generation.emit(event)));
  const generator = new Seq2SeqGenerator(model.engine, model.architecture, model.parameters, shape);
  generator
    .write(new Array(n).fill(input), answers, { signal: AbortSignal.any(signals) })
    .finally(() => generator.release())
    .then(
      () => generation.finish({ completions: sequences.map(({ completion }) => completion!) }),
      (error) => generation.fail(error),
    );
  return generation;
}

export interface AnswerTextsOptions {
  /** Texts that are answered at once. */
  readonly rows: number;
  readonly signal?: AbortSignal;
  /** Called when an answer is complete. */
  readonly onAnswer?: (index: number, completion: Completion) => void;
}

/**
 * Answers many texts, one answer to each, those of like length together. Each is what it would be alone, to within the
 * rounding of padding.
 * @throws UsageError or InputError naming what cannot be
 */
export async function answerTexts(
  model: AnsweringModel,
  requests: readonly Omit<Seq2SeqRequest, 'n' | 'signal'>[],
  { rows: most, signal, onAnswer }: AnswerTextsOptions,
): Promise<readonly Completion[]> {
  const { engine, architecture, parameters } = model;
  const completions: Completion[] = [];
  const rows = Math.min(most, requests.length);
  const order = requests
    .map(({ input, maxTokens }, index) => ({ index, input, maxTokens }))
    .sort((a, b) => a.maxTokens - b.maxTokens || a.input.length - b.input.length);
  let current: { readonly shape: Seq2SeqGeneratorOptions; readonly generator: Seq2SeqGenerator } | undefined;
  const generatorFor = (shape: Seq2SeqGeneratorOptions): Seq2SeqGenerator => {
    const known = current && isDeepStrictEqual(current.shape, shape) ? current.generator : undefined;
    if (known) return known;
    current?.generator.release();
    current = undefined;
    requireReadingMemory(architecture.sizes, shape);
    const generator = new Seq2SeqGenerator(engine, architecture, parameters, shape);
    current = { shape, generator };
    return generator;
  };
  try {
    for (let start = 0; start < order.length; start += rows) {
      const asked = order.slice(start, start + rows);
      const sequences = asked.map(({ index }) => sequencesOf(model, requests[index])[0]);
      const generator = generatorFor({
        rows,
        inputLength: roundUp(Math.max(...asked.map(({ input }) => input.length))),
        maxTokens: roundUp(Math.max(...asked.map(({ maxTokens }) => maxTokens))),
      });
      const inputs = asked.map(({ input }) => input);
      await generator.write(
        inputs,
        sequences.map((sequence) => writerOf(sequence, () => {})),
        { signal },
      );
      for (const [i, { index }] of asked.entries()) {
        completions[index] = sequences[i].completion!;
        onAnswer?.(index, completions[index]);
      }
    }
  } finally {
    await engine.drain();
    current?.generator.release();
  }
  return completions;
}

const smallestLength = 16;

/** Few shapes, each compiled once, at less than twice the work. */
const roundUp = (length: number): number => Math.max(smallestLength, 2 ** Math.ceil(Math.log2(Math.max(1, length))));

type AnswerSequence = Sequence<undefined>;

/** The answers of a request as they begin. */
function sequencesOf(
  { architecture, tokenizer, endIds }: AnsweringModel,
  { input: _, ...asked }: Seq2SeqRequest,
): readonly AnswerSequence[] {
  const { vocabulary } = architecture.sizes;
  const { n = 1, maxTokens } = asked;
  const start = [architecture.startId];
  // The start always has room for one token, so that a count of none is refused by its own name.
  const capacity = start.length + Math.max(1, maxTokens);
  const limits = { vocabulary, capacity, slots: n, endId: undefined };
  // The start is no text: it is read, and neither counted by penalties nor joined with what follows.
  const request = { ...checkRequest({ stopIds: endIds, ...asked, prompt: start }, limits), prompt: [] };
  const context = { tokenizer, vocabulary, spelled: spelledIds(tokenizer.vocabSize, vocabulary) };
  return Array.from({ length: n }, (_, i) => new Sequence(i, undefined, [], request, context));
}

const writerOf = (
  sequence: AnswerSequence,
  onEvent: (event: ReturnType<AnswerSequence['advance']>[number]) => void,
): TokenWriter => ({
  next(logits) {
    for (const event of sequence.advance(logits)) onEvent(event);
    return sequence.completion ? undefined : sequence.pending[0];
  },
});
