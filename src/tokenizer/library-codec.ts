/** The codec of every other vocabulary, by the Hugging Face library: WordPiece, Unigram, BPE over characters. */

import { InputError } from '../errors.ts';
import { byteFallbackDecoder } from './byte-fallback-text.ts';
import type { Codec } from './codec.ts';
import type { TokenizerDefinition } from './definition.ts';
import { Tokenizer } from './hugging-face-library.ts';
import type { JsonRecord } from './json-fields.ts';
import type { SpecialTokens } from './special-tokens.ts';

/**
 * Begins the hidden names of control tokens. A lone surrogate cannot occur in the well-formed text that is encoded,
 * so that no text spells such a name.
 */
const HIDDEN = '\udfff';

export function libraryCodec(definition: TokenizerDefinition, special: SpecialTokens, file: string): Codec {
  const build = (json: JsonRecord): InstanceType<typeof Tokenizer> => {
    try {
      // Everything that decides about ids is in tokenizer.json; the configuration only has settings of older versions.
      return new Tokenizer(json, {});
    } catch (error) {
      const found = error instanceof Error ? error.message : String(error);
      const fix = 'Export the tokenizer with a current version of the library that made it.';
      throw new InputError({ field: file, found, expected: 'a tokenizer that can be built', fix }, { cause: error });
    }
  };
  const marked = build({ ...withCanonicalParts(definition), added_tokens: addedTokens(special) });
  const plain = build(withHiddenControl(definition, special));
  return {
    encode(text, allowSpecial) {
      const { ids } = (allowSpecial ? marked : plain).encode(text, { add_special_tokens: false });
      if (ids.includes(undefined)) throw new Error('The library made a token that is not in the vocabulary.');
      return Int32Array.from(ids as readonly number[]);
    },
    decode:
      byteFallbackDecoder(definition) ??
      ((ids) => (ids.length === 0 ? '' : marked.decode([...ids], { clean_up_tokenization_spaces: false }))),
  };
}

const hidden = (token: string): string => `${HIDDEN}${token}`;

const addedTokens = (special: SpecialTokens, keep: (id: number) => boolean = () => true): readonly JsonRecord[] =>
  special.added
    .filter((token) => keep(token.id))
    .map(({ singleWord, ...token }) => ({ ...token, single_word: singleWord }));

const withCanonicalParts = ({ json, preTokenizer }: TokenizerDefinition): JsonRecord => ({
  ...json,
  // The library asks for these keys even where there is nothing to say.
  normalizer: json.normalizer ?? null,
  pre_tokenizer: preTokenizer.length === 0 ? null : { type: 'Sequence', pretokenizers: preTokenizer },
  post_processor: null,
  decoder: json.decoder ?? null,
});

/** The same tokenizer with control tokens under names that no text can spell. */
function withHiddenControl(definition: TokenizerDefinition, special: SpecialTokens): JsonRecord {
  const { json, tokens, ids, model } = definition;
  const rename = (token: string): string => (special.control.has(ids.get(token) ?? -1) ? hidden(token) : token);
  const { vocab, merges, unk_token: unknown } = json.model;
  // Control tokens that were only added stay in the vocabulary, because the unknown token may be one of them.
  const entries = new Map(Object.entries(vocab as JsonRecord).map(([token, id]) => [rename(token), id]));
  for (const id of special.control) entries.set(hidden(tokens[id]), id);
  return {
    ...withCanonicalParts(definition),
    added_tokens: addedTokens(special, (id) => !special.control.has(id)),
    model: {
      ...json.model,
      unk_token: typeof unknown === 'string' ? rename(unknown) : unknown,
      vocab: Array.isArray(vocab)
        ? vocab.map(([token, score]: readonly [string, number]) => [rename(token), score])
        : Object.fromEntries(entries),
      merges:
        model.type === 'BPE'
          ? model.merges
              .filter(([, , merged]) => !special.control.has(merged))
              .map(([left, right]) => [tokens[left], tokens[right]])
          : merges,
    },
  };
}
