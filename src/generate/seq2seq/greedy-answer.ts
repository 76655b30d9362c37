/** An answer of the likeliest tokens, while it is written. */
import type { EncoderDecoder } from '../../models/encoder-decoder.ts';
import type { FinishReason } from '../request.ts';
import { logNormalizer } from '../sampling/log-normalizer.ts';
import { LogitsRow } from '../sampling/logits-row.ts';
import type { TokenWriter } from './seq2seq-generator.ts';

export interface Seq2SeqAnswer {
  /** Without the start, and without the token that ended it. */
  readonly ids: Int32Array;
  /** Sum of the tokens' log-probabilities in nats, the end's included. */
  readonly logProbability: number;
  readonly finishReason: FinishReason;
}

export class GreedyAnswer implements TokenWriter {
  readonly #endIds: readonly number[];
  readonly #row: LogitsRow;
  readonly #ids: number[] = [];
  #logProbability = 0;
  #finishReason: FinishReason = 'length';

  constructor({ endIds, sizes }: EncoderDecoder) {
    this.#endIds = endIds;
    this.#row = new LogitsRow(sizes.vocabulary);
  }

  get result(): Seq2SeqAnswer {
    return {
      ids: Int32Array.from(this.#ids),
      logProbability: this.#logProbability,
      finishReason: this.#finishReason,
    };
  }

  /** The first of equals. */
  next(logits: Float32Array): number | undefined {
    this.#row.view(logits);
    const best = this.#row.argmax();
    this.#logProbability += this.#row.max - logNormalizer(this.#row);
    if (this.#endIds.includes(best)) {
      this.#finishReason = 'stop';
      return undefined;
    }
    this.#ids.push(best);
    return best;
  }
}
