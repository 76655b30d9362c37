/** Log-probabilities of the tokens of a text as an encoder-decoder's answer to another: of all of them, the first too. */

import { logNormalizer } from '../generate/sampling/log-normalizer.ts';
import { LogitsRow } from '../generate/sampling/logits-row.ts';
import { requireScoringMemory } from '../generate/seq2seq/reading-memory.ts';
import { layOutPairs, type Seq2SeqShape, type TextPair } from '../objectives/seq2seq/batch.ts';
import type { Seq2SeqProgram } from '../objectives/seq2seq/program.ts';
import { type Seq2SeqModel, Seq2SeqPrograms } from '../objectives/seq2seq/programs.ts';
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
  readonly #model: Seq2SeqModel;
  readonly #programs: Seq2SeqPrograms;

  constructor(engine: Engine, model: Seq2SeqModel) {
    this.#model = model;
    const onNew = (shape: Seq2SeqShape) => requireScoringMemory(model.architecture.sizes, shape);
    this.#programs = new Seq2SeqPrograms(engine, model, { most: mostPrograms, onNew });
  }

  /**
   * @param pair ids as the tokenizer frames them
   * @param field names the pair in errors
   * @throws InputError for an id outside the vocabulary, or a result that is not finite; UsageError for a pair whose
   * attention would not fit into memory
   */
  async score(pair: TextPair, field = 'pair'): Promise<AnswerScore> {
    const program = this.#checkedProgram(pair, field);
    const { startId } = this.#model.architecture;
    const losses = await program.score(layOutPairs([pair], { ...program.shape, startId }));
    const logProbabilities = Array.from({ length: pair.target.length }, (_, i) => -losses[i]);
    const broken = logProbabilities.findIndex((value) => !Number.isFinite(value));
    if (broken >= 0) throw notFinite(field, logProbabilities[broken], broken);
    return { logProbabilities, sum: logProbabilities.reduce((total, value) => total + value, 0) };
  }

  /**
   * Scores a text as the beginning of an answer, and tells whether the likeliest token was its own at every place.
   * @throws as `score`
   */
  async scoreBeginning(
    pair: TextPair,
    field = 'pair',
  ): Promise<Pick<AnswerScore, 'sum'> & { readonly greedy: boolean }> {
    const program = this.#checkedProgram(pair, field);
    const { sizes, startId } = this.#model.architecture;
    const logits = await program.logits(layOutPairs([pair], { ...program.shape, startId }));
    const row = new LogitsRow(sizes.vocabulary);
    let sum = 0;
    let greedy = true;
    for (let i = 0; i < pair.target.length; i++) {
      const place = logits.subarray(i * sizes.vocabulary, (i + 1) * sizes.vocabulary);
      row.view(place);
      const value = place[pair.target[i]] - logNormalizer(row);
      if (!Number.isFinite(value)) throw notFinite(field, value, i);
      sum += value;
      greedy &&= row.argmax() === pair.target[i];
    }
    return { sum, greedy };
  }

  /** Frees the compiled programs. */
  release(): void {
    this.#programs.release();
  }

  /** For texts of about these lengths. */
  #checkedProgram({ input, target }: TextPair, field: string): Seq2SeqProgram {
    const { vocabulary } = this.#model.architecture.sizes;
    requireIds(input, vocabulary, `${field}, input`);
    requireIds(target, vocabulary, `${field}, target`);
    const [inputLength, targetLength] = [input, target].map(({ length }) => roundUpLength(length, Infinity));
    return this.#programs.of({ rows: 1, inputLength, targetLength });
  }
}
