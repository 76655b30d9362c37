/**
 * The two classes of `@huggingface/tokenizers` that are used here, with their types. The package's own declarations
 * import each other without file extensions, which TypeScript does not follow under Node's rules.
 */

import * as library from '@huggingface/tokenizers';
import type { JsonRecord } from './json-fields.ts';

interface LibraryTokenizer {
  encode(
    text: string,
    options: { readonly add_special_tokens: boolean },
  ): { readonly ids: readonly (number | undefined)[]; readonly tokens: readonly string[] };
  /** `ids` must not be empty. */
  decode(ids: number[], options: { readonly clean_up_tokenization_spaces: boolean }): string;
}

interface Library {
  readonly Tokenizer: new (tokenizer: JsonRecord, config: JsonRecord) => LibraryTokenizer;
  readonly SplitPreTokenizer: new (part: JsonRecord) => { readonly pattern: RegExp | null };
}

export const { Tokenizer, SplitPreTokenizer }: Library = library as unknown as Library;
