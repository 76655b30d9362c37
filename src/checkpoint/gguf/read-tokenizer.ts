/**
 * The tokenizer of a GGUF file as the files of a checkpoint. Byte-level BPE (`gpt2`) is read; its pre-tokenizer is a rule
 * that llama.cpp has under a name, see `pre-tokenizers.ts`.
 */
import type { JsonObject } from '../../files/json-file.ts';
import type { TokenizerFile } from '../../tokenizer/tokenizer.ts';
import type { MetadataFields } from './metadata-fields.ts';
import { type PreTokenizer, preTokenizers } from './pre-tokenizers.ts';
import { damaged, unsupported } from './refuse.ts';

/** Values of `tokenizer.ggml.token_type`. */
export const tokenTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

export interface ReadTokenizer {
  readonly files: readonly TokenizerFile[];
  /** For `config.json`: tokens that begin, end and pad a text. */
  readonly config: JsonObject;
}

/** @throws InputError for a kind of tokenizer or a pre-tokenizer that is not supported, or lists that disagree */
export function readTokenizer(fields: MetadataFields): ReadTokenizer | undefined {
  const kind = fields.text('tokenizer.ggml.model');
  if (kind === undefined || kind === 'none' || kind === 'no_vocab') return undefined;
  if (kind !== 'gpt2') {
    const known: Readonly<Record<string, string>> = { llama: 'SentencePiece', bert: 'WordPiece', t5: 'Unigram' };
    const found = `${JSON.stringify(kind)}${Object.hasOwn(known, kind) ? ` (${known[kind]})` : ''}`;
    throw refuse(fields, 'tokenizer.ggml.model', found, '"gpt2", which is byte-level BPE');
  }
  const rule = readRule(fields);
  const tokens = fields.texts('tokenizer.ggml.tokens') ?? [];
  const types = fields.numbers('tokenizer.ggml.token_type') ?? tokens.map(() => tokenTypes.normal);
  if (tokens.length === 0 || types.length !== tokens.length) {
    const found = `${tokens.length} tokens and ${types.length} types`;
    throw damaged(`${fields.path}, tokenizer.ggml.tokens`, found, 'as many of each');
  }
  // Rows without a token, which only make the vocabulary a round number.
  const length = 1 + types.findLastIndex((type) => type !== tokenTypes.unused);
  const isAdded = (id: number): boolean => types[id] === tokenTypes.control || types[id] === tokenTypes.userDefined;
  const ids = tokens.slice(0, length).map((_, id) => id);
  requireDistinct(fields, tokens.slice(0, length));
  const special = readSpecialIds(fields, length);
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: ids.filter(isAdded).map((id) => addedToken(id, tokens[id], types[id] === tokenTypes.control)),
    normalizer: null,
    pre_tokenizer: rule.forms[0],
    post_processor: frame(fields, rule, special, tokens),
    decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: rule.ignoreMerges,
      vocab: Object.fromEntries(ids.filter((id) => !isAdded(id)).map((id) => [tokens[id], id])),
      merges: readMerges(fields),
    },
  };
  const named = Object.entries({ bos_token: special.bos, eos_token: special.eos, pad_token: special.pad });
  const config = {
    tokenizer_class: 'PreTrainedTokenizerFast',
    clean_up_tokenization_spaces: false,
    ...Object.fromEntries(named.flatMap(([role, id]) => (id === undefined ? [] : [[role, tokens[id]]]))),
    chat_template: fields.text('tokenizer.chat_template'),
  };
  const { bos, eos, eot, pad } = special;
  const ends = eot === undefined || eot === eos ? eos : [eos, eot].filter((id) => id !== undefined);
  const file = (name: string, value: object): TokenizerFile => ({
    name,
    bytes: new TextEncoder().encode(`${JSON.stringify(value, null, 2)}\n`),
  });
  return {
    files: [file('tokenizer.json', json), file('tokenizer_config.json', config)],
    config: { bos_token_id: bos ?? null, eos_token_id: ends ?? null, pad_token_id: pad ?? null },
  };
}

function readRule(fields: MetadataFields): PreTokenizer {
  const name = fields.text('tokenizer.ggml.pre') ?? 'default';
  const rule = preTokenizers.find(({ names }) => names.includes(name));
  if (rule) return rule;
  const expected = `one of ${preTokenizers.flatMap(({ names }) => names).join(', ')}`;
  throw refuse(fields, 'tokenizer.ggml.pre', JSON.stringify(name), expected);
}

interface SpecialIds {
  readonly bos: number | undefined;
  readonly eos: number | undefined;
  /** Ends a turn, in models where another token ends a text. */
  readonly eot: number | undefined;
  readonly pad: number | undefined;
}

function readSpecialIds(fields: MetadataFields, tokens: number): SpecialIds {
  const id = (name: string): number | undefined => {
    const key = `tokenizer.ggml.${name}_token_id`;
    const value = fields.integer(key);
    if (value === undefined || value < tokens) return value;
    throw damaged(`${fields.path}, ${key}`, String(value), `an id below ${tokens}`);
  };
  return { bos: id('bos'), eos: id('eos'), eot: id('eot'), pad: id('padding') };
}

/** The tokens around a text, as a post-processor; null where there are none. */
function frame(
  fields: MetadataFields,
  { beginsText }: PreTokenizer,
  { bos, eos }: SpecialIds,
  tokens: readonly string[],
): JsonObject | null {
  const begin = (fields.flag('tokenizer.ggml.add_bos_token') ?? beginsText) ? bos : undefined;
  const end = fields.flag('tokenizer.ggml.add_eos_token') ? eos : undefined;
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

function readMerges(fields: MetadataFields): readonly (readonly [string, string])[] {
  return (fields.texts('tokenizer.ggml.merges') ?? []).map((merge, i) => {
    // The first side is at least one character, which may be anything.
    const space = merge.indexOf(' ', 1);
    if (space > 0 && space < merge.length - 1) return [merge.slice(0, space), merge.slice(space + 1)];
    throw damaged(`${fields.path}, tokenizer.ggml.merges.${i}`, JSON.stringify(merge).slice(0, 80), '"left right"');
  });
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

function refuse(fields: MetadataFields, key: string, found: string, expected: string) {
  const fix = 'Text would become other tokens. Take the model as a Hugging Face folder, or one with another tokenizer.';
  return unsupported(`${fields.path}, ${key}`, found, expected, fix);
}
