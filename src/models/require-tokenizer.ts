/** What reads or writes text needs a tokenizer. */
import { InputError } from '../errors.ts';
import type { Tokenizer } from '../tokenizer/tokenizer.ts';

/** @throws InputError that names the model, where it has none */
export function requireTokenizer(folder: string, tokenizer: Tokenizer | undefined): Tokenizer {
  if (tokenizer) return tokenizer;
  throw new InputError({
    field: folder,
    found: 'a model without a tokenizer',
    expected: 'tokenizer.json beside the weights',
    fix: 'Add the tokenizer of the model.',
  });
}
