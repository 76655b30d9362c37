/**
 * Greedy answers of an encoder-decoder. The encoder reads the inputs once; then each row writes the likeliest token after
 * the ones before, whose keys and values are kept, until it ends. Weights are those of the model as they are: one that is
 * being trained answers as it is at that moment, and nothing is copied.
 */
import { UsageError } from '../../errors.ts';
import type { EncoderDecoder } from '../../models/encoder-decoder.ts';
import { takeRows } from '../../objectives/layers/table-rows.ts';
import { Workspace } from '../../objectives/layers/workspace.ts';
import { layOutInputs } from '../../objectives/seq2seq/batch.ts';
import { writeBuckets } from '../../objectives/seq2seq/block-stack.ts';
import { forbidden, writeTextMask } from '../../objectives/seq2seq/masks.ts';
import type { Bindings, Engine, Segment } from '../../runtime/engine.ts';
import type { FinishReason } from '../request.ts';
import { logNormalizer } from '../sampling/log-normalizer.ts';
import { LogitsRow } from '../sampling/logits-row.ts';
import { readingGraph, writingGraph } from './graphs.ts';

export interface Seq2SeqGeneratorOptions {
  /** Inputs that are answered at once. */
  readonly rows: number;
  /** Tokens of an input, at most. */
  readonly inputLength: number;
  /** Tokens of an answer, at most, its end included. */
  readonly maxTokens: number;
}

export interface Seq2SeqAnswer {
  /** Without the start, and without the token that ended it. */
  readonly ids: Int32Array;
  /** Sum of the tokens' log-probabilities in nats, the end's included. */
  readonly logProbability: number;
  readonly finishReason: FinishReason;
}

/** An answer while it is written. */
interface Draft {
  readonly ids: number[];
  logProbability: number;
  finishReason?: FinishReason;
}

export class Seq2SeqGenerator {
  readonly #model: EncoderDecoder;
  readonly #options: Seq2SeqGeneratorOptions;
  readonly #workspace: Workspace;
  readonly #table: Float32Array;
  /** What the two segments read and write beside weights, by the names of `graphs.ts`. */
  readonly #reader: Bindings;
  readonly #writer: Bindings;
  readonly #row: LogitsRow;
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
    this.#row = new LogitsRow(model.sizes.vocabulary);
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

  /**
   * The likeliest token at each place. Not while another call is under way.
   * @param inputs ids as the tokenizer frames them, at most one for each row
   * @throws UsageError for more inputs than rows, an input that is too long, or an id outside the vocabulary
   */
  async generate(
    inputs: readonly ArrayLike<number>[],
    { signal }: { readonly signal?: AbortSignal } = {},
  ): Promise<readonly Seq2SeqAnswer[]> {
    const { rows, maxTokens } = this.#options;
    const { startId, sizes } = this.#model;
    const { inputIds, inputSegments } = layOutInputs(inputs, this.#options);
    requireKnown(inputIds, sizes.vocabulary);
    takeRows(this.#table, inputIds, this.#reader.hidden.f32, { width: sizes.hidden });
    writeTextMask(this.#reader['memory.mask'].f32, inputSegments);
    await this.#read();

    const tokens = new Int32Array(rows).fill(startId);
    const drafts: Draft[] = inputs.map(() => ({ ids: [], logProbability: 0 }));
    for (let place = 0; place < maxTokens && drafts.some(({ finishReason }) => !finishReason); place++) {
      signal?.throwIfAborted();
      await this.#step(tokens, place);
      for (const [row, draft] of drafts.entries()) if (!draft.finishReason) tokens[row] = this.#choose(row, draft);
    }
    return drafts.map(({ ids, logProbability, finishReason = 'length' }) => {
      return { ids: Int32Array.from(ids), logProbability, finishReason };
    });
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

  /** The likeliest token, the first of equals, which becomes a part of the answer unless it ends it. */
  #choose(row: number, draft: Draft): number {
    const { vocabulary } = this.#model.sizes;
    this.#row.view(this.#writer.logits.f32.subarray(row * vocabulary, (row + 1) * vocabulary));
    const best = this.#row.argmax();
    draft.logProbability += this.#row.max - logNormalizer(this.#row);
    if (this.#model.endIds.includes(best)) draft.finishReason = 'stop';
    else draft.ids.push(best);
    return best;
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
