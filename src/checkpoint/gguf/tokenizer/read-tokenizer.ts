/** The tokenizer of a GGUF file as the files of a checkpoint. */
import type { JsonObject } from '../../../files/json-file.ts';
import type { TokenizerFile } from '../../../tokenizer/tokenizer.ts';
import type { MetadataFields } from '../metadata-fields.ts';
import { damaged } from '../refuse.ts';
import { type ListedTokens, listTokens, otherText, tokenTypes, type VocabularyParts } from './listed-tokens.ts';
import { readByteLevel } from './read-byte-level.ts';
import { readBytes } from './read-bytes.ts';
import { readSentencePiece } from './read-sentence-piece.ts';
import { readUnigram } from './read-unigram.ts';
import { readWordPiece } from './read-word-piece.ts';

export interface ReadTokenizer {
  readonly files: readonly TokenizerFile[];
  /** For `config.json`: tokens that begin, end and pad a text. */
  readonly config: JsonObject;
}

/** By `tokenizer.ggml.model`. */
const kinds: Readonly<Record<string, (listed: ListedTokens) => VocabularyParts>> = {
  gpt2: readByteLevel,
  bert: readWordPiece,
  t5: readUnigram,
  llama: readSentencePiece,
};

/** @throws InputError for a kind of tokenizer or a pre-tokenizer that is not supported, or lists that disagree */
export function readTokenizer(fields: MetadataFields): ReadTokenizer | undefined {
  const kind = fields.text('tokenizer.ggml.model');
  if (kind === undefined || kind === 'none' || kind === 'no_vocab') return undefined;
  if (!Object.hasOwn(kinds, kind)) {
    const expected = '"gpt2" (byte-level BPE), "llama" (SentencePiece BPE), "bert" (WordPiece) or "t5" (Unigram)';
    throw otherText(fields, 'tokenizer.ggml.model', JSON.stringify(kind), expected);
  }
  const listed = listTokens(fields);
  const { types, idOf, isAdded } = listed;
  const ids = specialIds(listed);
  const bytes = kind === 'gpt2' ? readBytes(listed) : undefined;
  if (bytes) return { files: bytes, config: ids };
  const parts = kinds[kind](listed);
  const { tokens, begin, end } = parts;
  requireDistinct(fields, tokens);
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: tokens.flatMap((token, id) =>
      isAdded(id) ? [addedToken(id, token, types[id] === tokenTypes.control)] : [],
    ),
    normalizer: parts.normalizer,
    pre_tokenizer: parts.pre_tokenizer,
    post_processor: frame(tokens, begin, end),
    decoder: parts.decoder,
    model: parts.model,
  };
  const [bos, eos, pad] = ['bos', 'eos', 'padding'].map(idOf);
  const named = Object.entries({ bos_token: bos, eos_token: eos, pad_token: pad });
  const config = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    clean_up_tokenization_spaces: false,
    ...Object.fromEntries(named.flatMap(([role, id]) => (id === undefined ? [] : [[role, tokens[id]]]))),
    ...parts.config,
    chat_template: fields.text('tokenizer.chat_template'),
  };
  const file = (name: string, value: object): TokenizerFile => ({
    name,
    bytes: new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`),
  });
  return {
    files: [file('tokenizer.json', json), file('tokenizer_config.json', config)],
    config: ids,
  };
}

function specialIds({ idOf }: ListedTokens): JsonObject {
  const [bos, eos, eot, pad] = ['bos', 'eos', 'eot', 'padding'].map(idOf);
  const ends = eot === undefined || eot === eos ? eos : [eos, eot].filter((id) => id !== undefined);
  return { bos_token_id: bos ?? null, eos_token_id: ends ?? null, pad_token_id: pad ?? null };
}

/** The tokens around a text, as a post-processor; null where there are none. */
function frame(tokens: readonly string[], begin: number | undefined, end: number | undefined): JsonObject | null {
  const around = [begin, end].filter((id) => id !== undefined);
  if (around.length === 0) return null;
  const special = (id: number | undefined) =>
    id === undefined ? [] : [{ SpecialToken: { id: tokens[id], type_id: 0 } }];
  const text = { Sequence: { id: 'A', type_id: 0 } };
  return {
    type: 'TemplateProcessing',
    single: [...special(begin), text, ...special(end)],
    pair: [...special(begin), text, { Sequence: { id: 'B', type_id: 0 } }, ...special(end)],
    special_tokens: Object.fromEntries(
      around.map((id) => [tokens[id], { id: tokens[id], ids: [id], tokens: [tokens[id]] }]),
    ),
  };
}

function requireDistinct(fields: MetadataFields, tokens: readonly string[]): void {
  const seen = new Set<string>();
  for (const [id, token] of tokens.entries()) {
    if (seen.has(token)) {
      const field = `${fields.path}, tokenizer.ggml.tokens.${id}`;
      throw damaged(field, `${JSON.stringify(token).slice(0, 80)} a second time`, 'each token once');
    }
    seen.add(token);
  }
}

const addedToken = (id: number, content: string, special: boolean): JsonObject => ({
  ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special },
});
