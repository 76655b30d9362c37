/** The files of a trained tokenizer, as `transformers`, vLLM and llama.cpp read them. */

import { bpeModel } from '../bpe-model.ts';
import type { TokenizerFile } from '../tokenizer.ts';
import { CHAT_TEMPLATE } from './chat-template.ts';
import { BASE_SYMBOLS, type Merge } from './learn-merges.ts';
import { numberTokens } from './number-tokens.ts';
import { type DigitsPerToken, preTokenizer } from './pre-tokenizer.ts';
import { END_OF_TEXT, PAD, RESERVED_TOKENS, TURN_END, TURN_START } from './reserved-tokens.ts';

/** Ids: the reserved tokens, the 256 bytes, numbers if they are tokens, then the merged ones in the order of learning. */
export function tokenizerFiles(merges: readonly Merge[], digits: DigitsPerToken = 1): readonly TokenizerFile[] {
  const numbers = numberTokens(digits);
  // A merge makes a number a second time where it stands beside one of another kind, as in "12½".
  const tokens = new Set([
    ...RESERVED_TOKENS.map((token) => token.content),
    ...BASE_SYMBOLS,
    ...numbers,
    ...merges.map(({ left, right }) => left + right),
  ]);
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: RESERVED_TOKENS.map(({ content, special }, id) => ({
      id,
      content,
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special,
    })),
    normalizer: null,
    pre_tokenizer: preTokenizer(digits),
    post_processor: null,
    // A decoder has no use for the settings, but the Hugging Face library asks for them.
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: bpeModel({
      // Merges seldom lead to a number: it is a token because it is a word of the vocabulary.
      ignoreMerges: numbers.length > 0,
      vocab: Object.fromEntries([...tokens].map((token, id) => [token, id])),
      merges: merges.map(({ left, right }) => [left, right]),
    }),
  };
  const roles = { eos_token: END_OF_TEXT, pad_token: PAD };
  const config = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    clean_up_tokenization_spaces: false,
    ...roles,
    additional_special_tokens: [TURN_START, TURN_END],
    chat_template: CHAT_TEMPLATE,
  };
  const special = { ...roles, additional_special_tokens: [TURN_START, TURN_END] };
  return [
    { name: 'tokenizer.json', bytes: jsonBytes(tokenizer) },
    { name: 'tokenizer_config.json', bytes: jsonBytes(config) },
    { name: 'special_tokens_map.json', bytes: jsonBytes(special) },
  ];
}

const jsonBytes = (value: unknown): Uint8Array => new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`);
