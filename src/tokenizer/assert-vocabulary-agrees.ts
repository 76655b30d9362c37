import { InputError } from '../errors.ts';
import type { Tokenizer } from './tokenizer.ts';

/** Rows that a model may have beyond its tokenizer: padding to a round number, and room for later tokens. */
const MAX_SPARE_ROWS = 2_048;

/**
 * Throws an `InputError` unless a model with `vocab_size` embedding rows can have been trained with this tokenizer:
 * every id has a row, and no more rows are spare than 2048 or a sixteenth of the vocabulary.
 */
export function assertVocabularyAgrees(
  tokenizer: Pick<Tokenizer, 'vocabSize'>,
  config: { readonly vocab_size: number },
): void {
  const { vocabSize } = tokenizer;
  const spare = config.vocab_size - vocabSize;
  if (spare >= 0 && spare <= Math.max(MAX_SPARE_ROWS, vocabSize / 16)) return;
  throw new InputError({
    field: 'config.json:vocab_size',
    found: String(config.vocab_size),
    expected: `${spare < 0 ? 'at least' : 'about'} the ${vocabSize} tokens of the tokenizer`,
    fix: 'Use the tokenizer that belongs to the model.',
  });
}
