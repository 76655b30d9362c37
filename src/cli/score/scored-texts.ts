/** What `finery score` reads and tells, whatever the model. */
import { type DataRecord, place } from '../../data/readers/document.ts';
import { readRecords } from '../../data/readers/read-records.ts';
import { InputError } from '../../errors.ts';
import { formatPlural } from '../../observe/numbers.ts';
import type { Tokenizer } from '../../tokenizer/tokenizer.ts';

interface ScoredRecord {
  readonly fields: DataRecord['fields'];
  /** Names it in errors. */
  readonly field: string;
}

/** @throws InputError for a record that cannot be read */
export async function* scoredRecords(file: string, signal: AbortSignal): AsyncGenerator<ScoredRecord> {
  try {
    for await (const { fields, source, line } of readRecords(file, { signal })) {
      yield { fields, field: place(source, line) };
    }
  } catch (error) {
    throw error instanceof InputError ? withoutSkipping(error) : error;
  }
}

/** The readers offer to skip records, but a score that is missing would shift those after it. */
function withoutSkipping(error: InputError): InputError {
  const fix = error.problem.fix.replace(/,? or set onBadLine to 'skip'[^.]*/, '');
  return new InputError({ ...error.problem, fix }, { cause: error });
}

export function describeIds(ids: readonly number[], tokenizer: Tokenizer | undefined) {
  if (!tokenizer) return { tokens: null, bytes: null };
  // A model may have more rows than its tokenizer has tokens: such an id has no name and stands for no text.
  const named = ids.filter((id) => id < tokenizer.vocabSize);
  return {
    tokens: ids.map((id) => tokenizer.tokenOf(id) ?? null),
    bytes: Buffer.byteLength(tokenizer.decode(named, { skipSpecialTokens: true })),
  };
}

/** Of all texts of a run. */
export class ScoreTotal {
  #texts = 0;
  #predicted = 0;
  #sum = 0;

  /** A text with that many tokens that were predicted, and the sum of their log-probabilities in nats. */
  add(predicted: number, sum: number): void {
    this.#texts += 1;
    this.#predicted += predicted;
    this.#sum += sum;
  }

  format(): string {
    const perplexity = Math.exp(-this.#sum / this.#predicted);
    const measure = this.#predicted > 0 ? `, perplexity ${perplexity.toPrecision(5)} per token` : '';
    return `${formatPlural(this.#texts, 'text')}, ${formatPlural(this.#predicted, 'token')} predicted${measure}`;
  }
}
