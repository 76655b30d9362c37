/** Programs of one encoder by the shape of their batches, made when they are needed; those used last are kept. */
import type { Encoder } from '../../models/encoder.ts';
import type { Engine } from '../../runtime/engine.ts';
import type { BatchShape } from '../layers/graphs.ts';
import type { ParameterArrays } from '../layers/parameter-buffers.ts';
import { EncoderProgram, type EncoderProgramOptions } from './program.ts';

interface EncoderWithArrays {
  readonly encoder: Encoder;
  readonly parameters: ReadonlyMap<string, ParameterArrays>;
}

export interface EncoderProgramsOptions extends Pick<EncoderProgramOptions, 'keep'> {
  /** Programs at once, each with buffers of its own. */
  readonly most: number;
}

export class EncoderPrograms {
  readonly #engine: Engine;
  readonly #model: EncoderWithArrays;
  readonly #options: EncoderProgramsOptions;
  /** By shape, the one used last behind all others. */
  readonly #programs = new Map<string, EncoderProgram>();

  constructor(engine: Engine, model: EncoderWithArrays, options: EncoderProgramsOptions) {
    this.#engine = engine;
    this.#model = model;
    this.#options = options;
  }

  /** Valid until as many others have been asked for. */
  of({ rows, length }: BatchShape): EncoderProgram {
    const key = `${rows}x${length}`;
    const { encoder, parameters } = this.#model;
    const { most, keep } = this.#options;
    const known = this.#programs.get(key);
    this.#programs.delete(key);
    const program = known ?? new EncoderProgram(this.#engine, encoder, parameters, { rows, length, keep });
    this.#programs.set(key, program);
    const [oldest] = this.#programs.keys();
    if (this.#programs.size > most) {
      this.#programs.get(oldest)!.release();
      this.#programs.delete(oldest);
    }
    return program;
  }

  release(): void {
    for (const program of this.#programs.values()) program.release();
    this.#programs.clear();
  }
}
