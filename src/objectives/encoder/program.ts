/**
 * Vectors of texts as a program of segments: embed, layers, norm and pooling; then the same backwards, from derivatives by
 * the vectors to gradients of the parameters.
 */
import type { Encoder } from '../../models/encoder.ts';
import type { Buffer } from '../../runtime/buffer.ts';
import type { Engine } from '../../runtime/engine.ts';
import type { BatchShape, Keep } from '../layers/graphs.ts';
import { LayerStack, type Run } from '../layers/layer-stack.ts';
import { type ParameterArrays, ParameterBuffers } from '../layers/parameter-buffers.ts';
import { addRowGradients, addRows, takeRows } from '../layers/table-rows.ts';
import { Workspace } from '../layers/workspace.ts';
import { embeddingNormBackwardGraph, embeddingNormGraph, poolingBackwardGraph, poolingGraph } from './graphs.ts';
import type { TextBatch } from './text-batch.ts';

export interface EncoderProgramOptions extends BatchShape {
  /** What the backward pass is given of the forward pass. Default: activations. */
  readonly keep?: Keep;
}

export class EncoderProgram {
  readonly rows: number;
  readonly length: number;
  readonly #encoder: Encoder;
  readonly #workspace: Workspace;
  readonly #parameters: ParameterBuffers;
  readonly #stack: LayerStack;
  readonly #ids: Int32Array;
  /** Rows of the position table, and of that of token types, which is the first for all. */
  readonly #positionRows: Int32Array;
  readonly #typeRows: Int32Array;
  /** The sum of each token's rows, before its norm. */
  readonly #embedded: Buffer;
  readonly #shares: Buffer;
  readonly #vectors: Buffer;
  readonly #byVectors: Buffer;
  /** Derivatives by `#embedded`. */
  readonly #byEmbedded: Buffer;
  /** The batch whose activations are kept. */
  #kept?: TextBatch;
  #forward?: readonly Run[];
  #keeping?: readonly Run[];
  readonly #backward = new Map<boolean, readonly Run[]>();

  constructor(
    engine: Engine,
    encoder: Encoder,
    parameters: ReadonlyMap<string, ParameterArrays>,
    { rows, length, keep = 'activations' }: EncoderProgramOptions,
  ) {
    const { hidden } = encoder.sizes;
    this.rows = rows;
    this.length = length;
    this.#encoder = encoder;
    this.#workspace = new Workspace(engine);
    this.#parameters = new ParameterBuffers(this.#workspace, encoder.parameters, parameters);
    const stored = { buffers: this.#parameters, arrays: parameters };
    this.#stack = new LayerStack(this.#workspace, encoder, stored, { rows, length, keep });
    this.#ids = new Int32Array(rows * length);
    this.#positionRows = new Int32Array(rows * length);
    this.#typeRows = new Int32Array(rows * length);
    this.#embedded = encoder.embeddingNorm ? this.#workspace.buffer(this.#stack.input.type) : this.#stack.input;
    this.#shares = this.#workspace.buffer({ dtype: 'f32', shape: [rows, 1, length] });
    this.#vectors = this.#workspace.buffer({ dtype: 'f32', shape: [rows, hidden] });
    this.#byVectors = this.#workspace.buffer(this.#vectors.type);
    this.#byEmbedded = this.#workspace.buffer(this.#embedded.type);
  }

  /** Vectors [rows, hidden], of whatever length. Valid until the next call. */
  async encode(batch: TextBatch): Promise<Float32Array> {
    this.#kept = undefined;
    this.#load(batch);
    this.#forward ??= this.#planForward(this.#stack.forward());
    for (const run of this.#forward) await run();
    return this.#vectors.f32;
  }

  /** The same, and keeps what `backward` needs. */
  async encodeToLearn(batch: TextBatch): Promise<Float32Array> {
    this.#load(batch);
    this.#keeping ??= this.#planForward(this.#stack.training());
    for (const run of this.#keeping) await run();
    this.#kept = batch;
    return this.#vectors.f32;
  }

  /**
   * Gradients of the parameters for derivatives by the vectors of a batch, [rows, hidden]. A batch that was not the last
   * one to be encoded is encoded again.
   * @param accumulate add to the gradients that are there instead of replacing them
   */
  async backward(batch: TextBatch, byVectors: Float32Array, { accumulate }: { readonly accumulate: boolean }) {
    if (this.#kept !== batch) await this.encodeToLearn(batch);
    this.#byVectors.f32.set(byVectors);
    const runs = this.#backward.get(accumulate) ?? this.#planBackward(accumulate);
    this.#backward.set(accumulate, runs);
    for (const run of runs) await run();
    this.#addTableGradients(accumulate);
  }

  release(): void {
    this.#workspace.release();
  }

  #load(batch: TextBatch): void {
    if (batch.rows !== this.rows || batch.length !== this.length) {
      throw new Error(
        `the program is for ${this.rows} x ${this.length} tokens, the batch has ${batch.rows} x ${batch.length}`,
      );
    }
    const { names, sizes, embeddingScale, firstPosition } = this.#encoder;
    this.#ids.set(batch.ids);
    this.#shares.f32.set(batch.shares);
    this.#stack.load(batch);
    for (const [i, position] of batch.positions.entries()) this.#positionRows[i] = firstPosition + position;
    const [embedded, width] = [this.#embedded.f32, sizes.hidden];
    takeRows(this.#table(names.embedding), this.#ids, embedded, { width, scale: embeddingScale });
    if (names.positions !== undefined) addRows(this.#table(names.positions), this.#positionRows, embedded, width);
    if (names.tokenTypes !== undefined) addRows(this.#table(names.tokenTypes), this.#typeRows, embedded, width);
  }

  #table(name: string): Float32Array {
    return this.#parameters.weights.get(name)!.f32;
  }

  #planForward({ runs, output }: { readonly runs: readonly Run[]; readonly output: Buffer }): Run[] {
    const encoder = this.#encoder;
    const { embeddingNorm, finalNorm } = encoder;
    const norm =
      embeddingNorm &&
      this.#workspace
        .segment('embedding.norm', () => embeddingNormGraph(encoder, this))
        .bind({
          ...this.#parameters.bindings(embeddingNorm.parameters),
          hidden: this.#embedded,
          output: this.#stack.input,
        });
    const pool = this.#workspace
      .segment('pooling', () => poolingGraph(encoder, this))
      .bind({
        ...this.#parameters.bindings(finalNorm?.parameters ?? {}),
        hidden: output,
        shares: this.#shares,
        vectors: this.#vectors,
      });
    return [...(norm ? [norm] : []), ...runs, pool];
  }

  #planBackward(accumulating: boolean): Run[] {
    const encoder = this.#encoder;
    const { embeddingNorm, finalNorm } = encoder;
    const { output, byOutput, byInput, backward } = this.#stack.training();
    const options = { isTrained: this.#parameters.isTrained, accumulating };
    const pool = this.#workspace
      .segment(`pooling.backward.${accumulating}`, () => poolingBackwardGraph(encoder, this, options))
      .bind({
        ...this.#parameters.bindings(finalNorm?.parameters ?? {}, accumulating),
        hidden: output,
        shares: this.#shares,
        'd.vectors': this.#byVectors,
        'd.hidden': byOutput,
      });
    const norm =
      embeddingNorm &&
      this.#workspace
        .segment(`embedding.norm.backward.${accumulating}`, () => embeddingNormBackwardGraph(encoder, this, options))
        .bind({
          ...this.#parameters.bindings(embeddingNorm.parameters, accumulating),
          hidden: this.#embedded,
          'd.output': byInput,
          'd.hidden': this.#byEmbedded,
        });
    return [pool, ...backward(accumulating), ...(norm ? [norm] : [])];
  }

  /** Scatters the derivatives by what tokens were embedded as into the tables' gradients. */
  #addTableGradients(accumulate: boolean): void {
    const { names, sizes, embeddingScale } = this.#encoder;
    const upstream = this.#encoder.embeddingNorm ? this.#byEmbedded.f32 : this.#stack.training().byInput.f32;
    const tables = [
      { name: names.embedding, rows: this.#ids, scale: embeddingScale },
      { name: names.positions, rows: this.#positionRows },
      { name: names.tokenTypes, rows: this.#typeRows },
    ];
    for (const { name, rows, scale } of tables) {
      const gradient = name === undefined ? undefined : this.#parameters.gradients.get(name)?.f32;
      if (!gradient) continue;
      if (!accumulate) gradient.fill(0);
      addRowGradients(gradient, rows, upstream, { width: sizes.hidden, scale });
    }
  }
}
