/**
 * Answers of an encoder-decoder. The encoder reads the inputs once; then each row writes one token after the ones before,
 * whose keys and values are kept, until it ends. Weights are those of the model as they are: one that is being trained
 * answers as it is at that moment, and nothing is copied.
 */
import { UsageError } from '../../errors.ts';
import type { EncoderDecoder } from '../../models/encoder-decoder.ts';
import { takeRows } from '../../objectives/layers/table-rows.ts';
import { Workspace } from '../../objectives/layers/workspace.ts';
import { layOutInputs } from '../../objectives/seq2seq/batch.ts';
import { writeBuckets } from '../../objectives/seq2seq/block-stack.ts';
import { forbidden, writeTextMask } from '../../objectives/seq2seq/masks.ts';
import type { Bindings, Engine, Segment } from '../../runtime/engine.ts';
import { readingGraph, writingGraph } from './graphs.ts';
import { GreedyAnswer, type Seq2SeqAnswer } from './greedy-answer.ts';

export interface Seq2SeqGeneratorOptions {
  /** Inputs that are answered at once. */
  readonly rows: number;
  /** Tokens of an input, at most. */
  readonly inputLength: number;
  /** Tokens of an answer, at most, its end included. */
  readonly maxTokens: number;
}

/** Chooses the tokens of one answer. */
export interface TokenWriter {
  /**
   * @param logits float32 [vocabulary], read during the call only
   * @returns the token to go on from; undefined where the answer has ended
   */
  next(logits: Float32Array): number | undefined;
}

export class Seq2SeqGenerator {
  readonly #model: EncoderDecoder;
  readonly #options: Seq2SeqGeneratorOptions;
  readonly #workspace: Workspace;
  readonly #table: Float32Array;
  /** What the two segments read and write beside weights, by the names of `graphs.ts`. */
  readonly #reader: Bindings;
  readonly #writer: Bindings;
  readonly #read: () => Promise<void>;
  readonly #write: () => Promise<void>;

  constructor(
    engine: Engine,
    model: EncoderDecoder,
    parameters: ReadonlyMap<string, { readonly weight: Float32Array }>,
    options: Seq2SeqGeneratorOptions,
  ) {
    const { rows, inputLength, maxTokens: capacity } = options;
    for (const [field, value] of Object.entries({ rows, inputLength, maxTokens: capacity })) requireCount(field, value);
    this.#model = model;
    this.#options = options;
    this.#workspace = new Workspace(engine);
    this.#table = parameters.get(model.names.embedding)!.weight;
    const weights = Object.fromEntries(
      model.parameters.map(({ name, shape }) => {
        return [`w.${name}`, this.#workspace.buffer({ dtype: 'f32', shape }, parameters.get(name)!.weight)];
      }),
    );
    const reading = this.#workspace.segment('reading', () => readingGraph(model, { rows, inputLength }));
    const writing = this.#workspace.segment('writing', () => writingGraph(model, { rows, inputLength, capacity }));
    this.#reader = this.#buffersOf(reading, weights);
    const memory = Object.entries(this.#reader).filter(([name]) => name.startsWith('memory.'));
    this.#writer = this.#buffersOf(writing, { ...weights, ...Object.fromEntries(memory) });
    this.#read = reading.bind(this.#reader);
    this.#write = writing.bind(this.#writer);
    writeBuckets(this.#reader.buckets.i32, model.encoder, inputLength);
  }

  /** The likeliest token at each place. @throws as `write` */
  async generate(
    inputs: readonly ArrayLike<number>[],
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly Seq2SeqAnswer[]> {
    const answers = inputs.map(() => new GreedyAnswer(this.#model));
    await this.write(inputs, answers, options);
    return answers.map((answer) => answer.result);
  }

  /**
   * Lets each answer grow to its end, or to `maxTokens`. Not while another call is under way.
   * @param inputs ids as the tokenizer frames them, at most one for each row
   * @param answers one for each input
   * @throws UsageError for more inputs than rows, an input that is too long, or an id outside the vocabulary
   */
  async write(
    inputs: readonly ArrayLike<number>[],
    answers: readonly TokenWriter[],
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    const { rows, maxTokens } = this.#options;
    const { startId, sizes } = this.#model;
    const { inputIds, inputSegments } = layOutInputs(inputs, this.#options);
    requireKnown(inputIds, sizes.vocabulary);
    takeRows(this.#table, inputIds, this.#reader.hidden.f32, { width: sizes.hidden });
    writeTextMask(this.#reader['memory.mask'].f32, inputSegments);
    await this.#read();

    const tokens = new Int32Array(rows).fill(startId);
    const underWay = new Map(answers.entries());
    for (let place = 0; place < maxTokens && underWay.size > 0; place++) {
      signal?.throwIfAborted();
      await this.#step(tokens, place);
      for (const [row, answer] of underWay) {
        const { vocabulary } = sizes;
        const token = answer.next(this.#writer.logits.f32.subarray(row * vocabulary, (row + 1) * vocabulary));
        if (token === undefined) underWay.delete(row);
        else tokens[row] = token;
      }
    }
  }

  release(): void {
    this.#workspace.release();
  }

  /** Reads a token in each row, after `place` others, and keeps its keys and values. */
  async #step(tokens: Int32Array, place: number): Promise<void> {
    const { decoder, sizes } = this.#model;
    const { hidden, buckets, mask } = this.#writer;
    takeRows(this.#table, tokens, hidden.f32, { width: sizes.hidden });
    for (let before = 0; before < buckets.i32.length; before++) {
      const isWritten = before < place;
      buckets.i32[before] = isWritten ? decoder.bucket(before - place) : 0;
      mask.f32[before] = isWritten ? 0 : forbidden;
    }
    await this.#write();
    for (let layer = 0; layer < decoder.layers; layer++) {
      for (const part of ['key', 'value']) this.#append(`${part}.${layer}`, place);
    }
  }

  /** [rows, heads, 1, size] into the place of [rows, heads, capacity, size]. */
  #append(name: string, place: number): void {
    const { maxTokens: capacity } = this.#options;
    const { headSize: size } = this.#model.sizes;
    const own = this.#writer[name].f32;
    const past = this.#writer[`past.${name}`].f32;
    for (let head = 0; head * size < own.length; head++) {
      past.set(own.subarray(head * size, (head + 1) * size), (head * capacity + place) * size);
    }
  }

  /** The given buffers, and new ones for whatever else a segment reads and writes. */
  #buffersOf({ inputs, outputs }: Segment, given: Bindings): Bindings {
    const missing = [...inputs, ...outputs].filter(([name]) => !(name in given));
    return { ...given, ...Object.fromEntries(missing.map(([name, type]) => [name, this.#workspace.buffer(type)])) };
  }
}

function requireCount(field: string, value: number): void {
  if (Number.isSafeInteger(value) && value > 0) return;
  throw refuse(field, String(value), 'a whole number, 1 or more');
}

function requireKnown(ids: Int32Array, vocabulary: number): void {
  const strange = ids.find((id) => id < 0 || id >= vocabulary);
  if (strange !== undefined) throw refuse('inputs', `the id ${strange}`, `ids from 0 to ${vocabulary - 1}`);
}

const refuse = (field: string, found: string, expected: string): UsageError =>
  new UsageError({ field, found, expected, fix: 'Use the tokenizer of the model, and whole numbers for sizes.' });
