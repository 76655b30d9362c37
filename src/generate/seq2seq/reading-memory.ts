/** Whether attention finds room: it grows with the square of a text, and T5 has no longest one. */
import { UsageError } from '../../errors.ts';
import type { EncoderDecoderSizes } from '../../models/encoder-decoder.ts';
import type { Seq2SeqShape } from '../../objectives/seq2seq/batch.ts';
import { formatBytes, formatPlural } from '../../observe/numbers.ts';
import type { Seq2SeqGeneratorOptions } from './seq2seq-generator.ts';

/**
 * Bytes at most, beside the weights: the biases of one layer, three arrays of scores at once, and what the decoder keeps
 * of the input and of what it wrote.
 */
export function readingBytes(
  { heads, headSize, decoderLayers }: Pick<EncoderDecoderSizes, 'heads' | 'headSize' | 'decoderLayers'>,
  { rows, inputLength, maxTokens }: Seq2SeqGeneratorOptions,
): number {
  const scores = (3 * rows + 1) * heads * inputLength ** 2;
  const kept = 2 * decoderLayers * rows * heads * headSize * (inputLength + maxTokens);
  return 4 * (scores + kept);
}

/**
 * Bytes at most, beside the weights, for an answer that is given: biases, buckets and mask of either side, three arrays of
 * scores of the longer one, and keys and values of both.
 */
function scoringBytes(
  { heads, headSize, decoderLayers }: Pick<EncoderDecoderSizes, 'heads' | 'headSize' | 'decoderLayers'>,
  { rows, inputLength, targetLength }: Seq2SeqShape,
): number {
  const kept = (heads + 2) * (inputLength ** 2 + targetLength ** 2);
  const scores = 3 * rows * heads * Math.max(inputLength, targetLength) ** 2;
  const states = 2 * decoderLayers * rows * heads * headSize * (inputLength + targetLength);
  return 4 * (kept + scores + states);
}

/** @throws UsageError with both numbers */
export function requireReadingMemory(
  sizes: EncoderDecoderSizes,
  options: Seq2SeqGeneratorOptions,
  available = process.availableMemory(),
): void {
  const needed = readingBytes(sizes, options);
  if (needed <= available) return;
  throw new UsageError({
    field: 'input',
    found: `${options.inputLength} tokens for ${formatPlural(options.rows, 'answer')}, which take ${formatBytes(needed)} to read`,
    expected: `at most the ${formatBytes(available)} that are free`,
    fix: 'Shorten the text, or ask for fewer answers at once.',
  });
}

/** @throws UsageError with both numbers */
export function requireScoringMemory(
  sizes: EncoderDecoderSizes,
  shape: Seq2SeqShape,
  available = process.availableMemory(),
): void {
  const needed = scoringBytes(sizes, shape);
  if (needed <= available) return;
  const { inputLength, targetLength } = shape;
  throw new UsageError({
    field: 'input',
    found: `rows of ${inputLength} tokens and ${targetLength} of its answer, which take ${formatBytes(needed)} to score`,
    expected: `at most the ${formatBytes(available)} that are free`,
    fix: 'Shorten the text or its answer.',
  });
}
