/** WordPiece of a GGUF file, see `write-word-piece.ts`. */
import { idOrUsual, type ListedTokens, tokenTypes, type VocabularyParts } from './listed-tokens.ts';
import { continuing, wordStart } from './write-word-piece.ts';

/** Of BERT's own vocabulary, which llama.cpp takes where a file names none. */
const usualIds = { unknown: 100, bos: 101, seperator: 102 } as const;

export function readWordPiece(listed: ListedTokens): VocabularyParts {
  const { fields, types } = listed;
  const [unknown, begin, end] = (['unknown', 'bos', 'seperator'] as const).map((role) =>
    idOrUsual(listed, role, usualIds[role]),
  );
  // Tokens that no text becomes go under their own names.
  const plain = new Set<number>([tokenTypes.control, tokenTypes.unknown, tokenTypes.userDefined]);
  const tokens = listed.tokens.map((token, id) => {
    if (plain.has(types[id])) return token;
    return token.startsWith(wordStart) ? token.slice(wordStart.length) : continuing + token;
  });
  const lowercase = fields.flag('tokenizer.ggml.normalizer.lowercase') ?? true;
  return {
    tokens,
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: true,
      strip_accents: fields.flag('tokenizer.ggml.normalizer.strip_accents') ?? lowercase,
      lowercase,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    decoder: { type: 'WordPiece', prefix: continuing, cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: tokens[unknown],
      continuing_subword_prefix: continuing,
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    },
    begin,
    end,
    config: { cls_token: tokens[begin], sep_token: tokens[end], unk_token: tokens[unknown] },
  };
}
