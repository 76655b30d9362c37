/** What one pass through an encoder-decoder reads and is to write: a pair of texts in each row. */
import { UsageError } from '../../errors.ts';

export interface Seq2SeqShape {
  readonly rows: number;
  readonly inputLength: number;
  readonly targetLength: number;
}

/** Arrays are row-major. */
export interface Seq2SeqBatch extends Seq2SeqShape {
  /** [rows, inputLength]. */
  readonly inputIds: Int32Array;
  /** 1 where there is text, 0 at padding, which nothing attends to. */
  readonly inputSegments: Int32Array;
  /** What the decoder reads at each place, [rows, targetLength]: the start, then the labels, one place later. */
  readonly decoderIds: Int32Array;
  /** The token to predict at each place, -1 where nothing is predicted. */
  readonly labels: Int32Array;
  readonly labelCount: number;
}

/** Token ids as the tokenizer frames them, with the token that ends a text. */
export interface TextPair {
  readonly input: ArrayLike<number>;
  readonly target: ArrayLike<number>;
}

export interface PairLayout extends Seq2SeqShape {
  /** What every target begins after. */
  readonly startId: number;
}

/**
 * Lays out one pair for each row; rows that are left are padding.
 * @throws UsageError for a text that is longer than the rows, and more pairs than rows
 */
export function layOutPairs(
  pairs: readonly TextPair[],
  { rows, inputLength, targetLength, startId }: PairLayout,
): Seq2SeqBatch {
  const batch = {
    rows,
    inputLength,
    targetLength,
    ...layOutInputs(
      pairs.map(({ input }) => input),
      { rows, inputLength },
    ),
    decoderIds: new Int32Array(rows * targetLength),
    labels: new Int32Array(rows * targetLength).fill(-1),
    labelCount: pairs.reduce((sum, { target }) => sum + target.length, 0),
  };
  for (const [row, { target }] of pairs.entries()) {
    requireRoom(`pairs.${row}.target`, target.length, targetLength);
    const start = row * targetLength;
    batch.labels.set(target, start);
    batch.decoderIds[start] = startId;
    for (let i = 1; i <= target.length && i < targetLength; i++) batch.decoderIds[start + i] = target[i - 1];
  }
  return batch;
}

/** The encoder's side of a batch. @throws UsageError for more texts than rows, and one that is longer than they */
export function layOutInputs(
  inputs: readonly ArrayLike<number>[],
  { rows, inputLength }: Pick<Seq2SeqShape, 'rows' | 'inputLength'>,
): Pick<Seq2SeqBatch, 'inputIds' | 'inputSegments'> {
  if (inputs.length > rows) throw refuse('inputs', `${inputs.length} texts`, `at most ${rows}, one for each row`);
  const inputIds = new Int32Array(rows * inputLength);
  const inputSegments = new Int32Array(rows * inputLength);
  for (const [row, input] of inputs.entries()) {
    requireRoom(`inputs.${row}`, input.length, inputLength);
    inputIds.set(input, row * inputLength);
    inputSegments.fill(1, row * inputLength, row * inputLength + input.length);
  }
  return { inputIds, inputSegments };
}

function requireRoom(field: string, tokens: number, length: number): void {
  if (tokens > length) throw refuse(field, `${tokens} tokens`, `at most ${length}`);
}

const refuse = (field: string, found: string, expected: string): UsageError =>
  new UsageError({ field, found, expected, fix: 'Choose more or longer rows, or cut the texts.' });
