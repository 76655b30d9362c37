/** Log-probabilities of the tokens of a text as an encoder-decoder's answer to another: of all of them, the first too. */
import { requireScoringMemory } from '../generate/seq2seq/reading-memory.ts';
import type { EncoderDecoderModel } from '../models/encoder-decoder-model.ts';
import { layOutPairs, type Seq2SeqShape, type TextPair } from '../objectives/seq2seq/batch.ts';
import { Seq2SeqProgram } from '../objectives/seq2seq/program.ts';
import type { Engine } from '../runtime/engine.ts';
import { notFinite, requireIds, roundUpLength } from './score.ts';

export interface AnswerScore {
  /** Natural logarithms, one for each token of the answer. */
  readonly logProbabilities: readonly number[];
  /** Their sum in nats. */
  readonly sum: number;
}

/** Pairs of lengths that are kept ready. */
const mostPrograms = 8;

export class PairScorer {
  readonly #engine: Engine;
  readonly #model: Pick<EncoderDecoderModel, 'architecture' | 'parameters'>;
  /** By lengths, the one used last behind all others. */
  readonly #programs = new Map<string, Seq2SeqProgram>();

  constructor(engine: Engine, model: Pick<EncoderDecoderModel, 'architecture' | 'parameters'>) {
    this.#engine = engine;
    this.#model = model;
  }

  /**
   * @param pair ids as the tokenizer frames them
   * @param field names the pair in errors
   * @throws InputError for an id outside the vocabulary, or a result that is not finite; UsageError for a pair whose
   * attention would not fit into memory
   */
  async score(pair: TextPair, field = 'pair'): Promise<AnswerScore> {
    const { sizes, startId } = this.#model.architecture;
    requireIds(pair.input, sizes.vocabulary, `${field}, input`);
    requireIds(pair.target, sizes.vocabulary, `${field}, target`);
    const program = this.#program(pair);
    const losses = await program.score(layOutPairs([pair], { ...program.shape, startId }));
    const logProbabilities = Array.from({ length: pair.target.length }, (_, i) => -losses[i]);
    const broken = logProbabilities.findIndex((value) => !Number.isFinite(value));
    if (broken >= 0) throw notFinite(field, logProbabilities[broken], broken);
    return { logProbabilities, sum: logProbabilities.reduce((total, value) => total + value, 0) };
  }

  /** Frees the compiled programs. */
  release(): void {
    for (const program of this.#programs.values()) program.release();
    this.#programs.clear();
  }

  /** For texts of about these lengths; valid until as many others have been asked for. */
  #program({ input, target }: TextPair): Seq2SeqProgram {
    const [inputLength, targetLength] = [input, target].map(({ length }) => roundUpLength(length, Infinity));
    const key = `${inputLength} to ${targetLength}`;
    const program = this.#programs.get(key) ?? this.#newProgram({ rows: 1, inputLength, targetLength });
    this.#programs.delete(key);
    this.#programs.set(key, program);
    return program;
  }

  #newProgram(shape: Seq2SeqShape): Seq2SeqProgram {
    const [oldest] = this.#programs.keys();
    if (this.#programs.size >= mostPrograms) {
      this.#programs.get(oldest)!.release();
      this.#programs.delete(oldest);
    }
    const { architecture, parameters } = this.#model;
    requireScoringMemory(architecture.sizes, shape);
    return new Seq2SeqProgram(this.#engine, architecture, parameters, shape);
  }
}
