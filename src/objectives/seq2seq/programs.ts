/** Programs of one model for batches of any shape, each compiled when its shape first comes up. Their weights are shared. */
import type { EncoderDecoder } from '../../models/encoder-decoder.ts';
import type { Engine } from '../../runtime/engine.ts';
import type { StepOptions } from '../causal-lm/program.ts';
import type { ParameterArrays } from '../layers/parameter-buffers.ts';
import type { Seq2SeqBatch, Seq2SeqShape } from './batch.ts';
import { Seq2SeqProgram } from './program.ts';

export interface Seq2SeqModel {
  readonly architecture: EncoderDecoder;
  readonly parameters: ReadonlyMap<string, ParameterArrays>;
}

export interface Seq2SeqProgramsOptions {
  /** Programs that are kept; their activations take memory. */
  readonly most: number;
  /** Told of a shape before a program is made for it; may throw. */
  readonly onNew?: (shape: Seq2SeqShape) => void;
}

export class Seq2SeqPrograms {
  readonly #engine: Engine;
  readonly #model: Seq2SeqModel;
  /** By shape, the one used last behind all others. */
  readonly #programs = new Map<string, Seq2SeqProgram>();
  readonly #options: Seq2SeqProgramsOptions;

  constructor(engine: Engine, model: Seq2SeqModel, options: Seq2SeqProgramsOptions) {
    this.#engine = engine;
    this.#model = model;
    this.#options = options;
  }

  /** As `Seq2SeqProgram.forwardBackward`. */
  forwardBackward(batch: Seq2SeqBatch, options: Pick<StepOptions, 'labelWeight' | 'accumulate'>): Promise<number> {
    return this.of(batch).forwardBackward(batch, options);
  }

  /** As `Seq2SeqProgram.score`. */
  score(batch: Seq2SeqBatch): Promise<Float32Array> {
    return this.of(batch).score(batch);
  }

  /** Valid until as many other shapes were asked for. */
  of({ rows, inputLength, targetLength }: Seq2SeqShape): Seq2SeqProgram {
    const key = `${rows} x ${inputLength} to ${targetLength}`;
    const program = this.#programs.get(key) ?? this.#create({ rows, inputLength, targetLength });
    this.#programs.delete(key);
    this.#programs.set(key, program);
    return program;
  }

  release(): void {
    for (const program of this.#programs.values()) program.release();
    this.#programs.clear();
  }

  #create(shape: Seq2SeqShape): Seq2SeqProgram {
    const { most, onNew } = this.#options;
    onNew?.(shape);
    const [oldest] = this.#programs.keys();
    if (this.#programs.size >= most) {
      this.#programs.get(oldest)!.release();
      this.#programs.delete(oldest);
    }
    const { architecture, parameters } = this.#model;
    return new Seq2SeqProgram(this.#engine, architecture, parameters, shape);
  }
}
