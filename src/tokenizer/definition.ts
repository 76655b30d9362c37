/**
 * `tokenizer.json` after validation: what the rest of this folder may rely on.
 *
 * Ids run from 0 without holes or duplicates over the model's vocabulary and the added tokens; every merge joins two
 * tokens into a third that exists; every component is of a known, bounded kind (`components.ts`).
 */

import { canonicalPreTokenizer } from './canonical-pre-tokenizer.ts';
import { readComponent } from './components.ts';
import {
  asArray,
  asFlag,
  asInteger,
  asOneOf,
  asRecord,
  asText,
  describe,
  type JsonRecord,
  parseJsonRecord,
  refuse,
} from './json-fields.ts';

/** The largest vocabularies in use have about 262 thousand entries. */
const MAX_VOCABULARY = 1 << 21;
const MAX_MERGES = 1 << 22;
const MAX_ADDED = 1 << 16;
const MAX_TOKEN_LENGTH = 4_096;

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  readonly special: boolean;
  readonly singleWord: boolean;
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Matched after the normalizer rather than before. */
  readonly normalized: boolean;
}

interface BpeModel {
  readonly type: 'BPE';
  /** In order of priority: the ids of the two sides and of their union. */
  readonly merges: readonly (readonly [left: number, right: number, merged: number])[];
  readonly ignoreMerges: boolean;
  readonly byteFallback: boolean;
  readonly endOfWordSuffix: string;
}

type TokenizerModel = BpeModel | { readonly type: 'WordPiece' | 'Unigram'; readonly byteFallback: boolean };

export interface TokenizerDefinition {
  /** The parsed file, with `model.type` always present. */
  readonly json: JsonRecord & { readonly model: JsonRecord };
  readonly model: TokenizerModel;
  /** Token strings by id. */
  readonly tokens: readonly string[];
  readonly ids: ReadonlyMap<string, number>;
  readonly added: readonly AddedToken[];
  readonly normalizer: readonly JsonRecord[];
  /** As splits where it can be said in splits. */
  readonly preTokenizer: readonly JsonRecord[];
  readonly postProcessor: readonly JsonRecord[];
  readonly decoder: readonly JsonRecord[];
}

/** Reads the bytes of a `tokenizer.json`. Throws an `InputError` that names the field. */
export function readDefinition(bytes: Uint8Array, file: string): TokenizerDefinition {
  const json = parseJsonRecord(bytes, file);
  const rawModel = asRecord(json.model, `${file}:model`);
  const type = asOneOf(modelType(rawModel), `${file}:model.type`, ['BPE', 'WordPiece', 'Unigram']);
  const ids = type === 'Unigram' ? unigramVocabulary(rawModel, file) : vocabulary(rawModel, file);
  const merges = type === 'BPE' ? readMerges(rawModel, ids, file) : [];
  const added = readAddedTokens(json.added_tokens, file);
  for (const [i, token] of added.entries()) {
    const known = ids.get(token.content);
    if (known !== undefined && known !== token.id) {
      refuse(
        `${file}:added_tokens.${i}.id`,
        `${token.id} for ${describe(token.content)}`,
        `its id in model.vocab, ${known}`,
      );
    }
    ids.set(token.content, token.id);
  }
  return {
    json: { ...json, model: { ...rawModel, type } },
    model: type === 'BPE' ? readBpe(rawModel, merges, ids, file) : readOther(rawModel, type, ids, file),
    tokens: tokensById(ids, file),
    ids,
    added,
    normalizer: readComponent(json.normalizer, 'normalizer', file),
    preTokenizer: canonicalPreTokenizer(readComponent(json.pre_tokenizer, 'pre_tokenizer', file)),
    postProcessor: readComponent(json.post_processor, 'post_processor', file),
    decoder: readComponent(json.decoder, 'decoder', file),
  };
}

/** Files written before the type was recorded are told apart by what they hold. */
function modelType(model: JsonRecord): unknown {
  if (model.type !== undefined) return model.type;
  if (Array.isArray(model.vocab)) return 'Unigram';
  return model.merges === undefined ? 'WordPiece' : 'BPE';
}

function vocabulary(model: JsonRecord, file: string): Map<string, number> {
  const entries = Object.entries(asRecord(model.vocab, `${file}:model.vocab`));
  if (entries.length > MAX_VOCABULARY)
    refuse(`${file}:model.vocab`, `${entries.length} tokens`, `at most ${MAX_VOCABULARY}`);
  const ids = new Map<string, number>();
  for (const [token, id] of entries) {
    if (token.length > MAX_TOKEN_LENGTH) {
      refuse(`${file}:model.vocab`, `a token of ${token.length} characters`, `at most ${MAX_TOKEN_LENGTH}`);
    }
    ids.set(token, asInteger(id, `${file}:model.vocab[${describe(token)}]`, 0, MAX_VOCABULARY - 1));
  }
  return ids;
}

function unigramVocabulary(model: JsonRecord, file: string): Map<string, number> {
  const ids = new Map<string, number>();
  for (const [id, entry] of asArray(model.vocab, `${file}:model.vocab`, MAX_VOCABULARY).entries()) {
    const [token, score] = asArray(entry, `${file}:model.vocab.${id}`, 2);
    const name = asText(token, `${file}:model.vocab.${id}.0`, MAX_TOKEN_LENGTH);
    if (typeof score !== 'number') refuse(`${file}:model.vocab.${id}.1`, describe(score), 'a log-probability');
    if (ids.has(name)) refuse(`${file}:model.vocab.${id}`, `${describe(name)} a second time`, 'each token once');
    ids.set(name, id);
  }
  return ids;
}

function readMerges(model: JsonRecord, ids: ReadonlyMap<string, number>, file: string): BpeModel['merges'] {
  const idOf = (token: string, field: string): number =>
    ids.get(token) ??
    refuse(field, describe(token), 'a token of model.vocab', 'The merges belong to another vocabulary.');
  return asArray(model.merges, `${file}:model.merges`, MAX_MERGES).map((merge, rank) => {
    const field = `${file}:model.merges.${rank}`;
    const sides = typeof merge === 'string' ? merge.split(' ') : asArray(merge, field, 2);
    if (sides.length !== 2) refuse(field, describe(merge), 'two tokens');
    const [left, right] = sides.map((side) => asText(side, field, MAX_TOKEN_LENGTH));
    return [idOf(left, field), idOf(right, field), idOf(left + right, field)] as const;
  });
}

function readBpe(
  model: JsonRecord,
  merges: BpeModel['merges'],
  ids: ReadonlyMap<string, number>,
  file: string,
): BpeModel {
  for (const name of ['continuing_subword_prefix', 'continuing_subword_suffix', 'dropout']) {
    const value = model[name];
    if (value !== undefined && value !== null && value !== '' && value !== 0) {
      refuse(
        `${file}:model.${name}`,
        describe(value),
        'none',
        'This setting is not supported: export the tokenizer without it.',
      );
    }
  }
  const unknown = asText(model.unk_token ?? '', `${file}:model.unk_token`, MAX_TOKEN_LENGTH);
  if (unknown !== '' && !ids.has(unknown)) {
    refuse(`${file}:model.unk_token`, describe(unknown), 'a token of the vocabulary');
  }
  return {
    type: 'BPE',
    merges,
    ignoreMerges: asFlag(model.ignore_merges, `${file}:model.ignore_merges`, false),
    byteFallback: asFlag(model.byte_fallback, `${file}:model.byte_fallback`, false),
    endOfWordSuffix: asText(model.end_of_word_suffix ?? '', `${file}:model.end_of_word_suffix`, MAX_TOKEN_LENGTH),
  };
}

function readOther(
  model: JsonRecord,
  type: 'WordPiece' | 'Unigram',
  ids: ReadonlyMap<string, number>,
  file: string,
): TokenizerModel {
  if (type === 'Unigram') {
    asInteger(model.unk_id, `${file}:model.unk_id`, 0, ids.size - 1);
    return { type, byteFallback: asFlag(model.byte_fallback, `${file}:model.byte_fallback`, false) };
  }
  const unknown = asText(model.unk_token, `${file}:model.unk_token`, MAX_TOKEN_LENGTH);
  if (!ids.has(unknown)) refuse(`${file}:model.unk_token`, describe(unknown), 'a token of model.vocab');
  asText(model.continuing_subword_prefix ?? '', `${file}:model.continuing_subword_prefix`, MAX_TOKEN_LENGTH);
  asInteger(model.max_input_chars_per_word ?? 100, `${file}:model.max_input_chars_per_word`, 1, 10_000);
  return { type, byteFallback: false };
}

function readAddedTokens(value: unknown, file: string): AddedToken[] {
  const seen = new Set<string>();
  return asArray(value ?? [], `${file}:added_tokens`, MAX_ADDED).map((entry, i) => {
    const field = `${file}:added_tokens.${i}`;
    const token = asRecord(entry, field);
    const content = asText(token.content, `${field}.content`, MAX_TOKEN_LENGTH);
    if (content === '') refuse(`${field}.content`, 'an empty string', 'at least one character');
    if (seen.has(content)) refuse(`${field}.content`, `${describe(content)} a second time`, 'each token once');
    seen.add(content);
    const special = asFlag(token.special, `${field}.special`, false);
    return {
      id: asInteger(token.id, `${field}.id`, 0, MAX_VOCABULARY - 1),
      content,
      special,
      singleWord: asFlag(token.single_word, `${field}.single_word`, false),
      lstrip: asFlag(token.lstrip, `${field}.lstrip`, false),
      rstrip: asFlag(token.rstrip, `${field}.rstrip`, false),
      normalized: asFlag(token.normalized, `${field}.normalized`, !special),
    };
  });
}

/** Token strings by id; ids must be 0, 1, 2, ... each once, because a model's rows are looked up by them. */
function tokensById(ids: ReadonlyMap<string, number>, file: string): readonly string[] {
  const tokens: string[] = new Array(ids.size);
  for (const [token, id] of ids) {
    if (id >= ids.size) {
      refuse(`${file}:model.vocab[${describe(token)}]`, `id ${id} in a vocabulary of ${ids.size}`, 'ids without holes');
    }
    if (tokens[id] !== undefined) {
      refuse(`${file}:model.vocab[${describe(token)}]`, `id ${id}, which ${describe(tokens[id])} has`, 'each id once');
    }
    tokens[id] = token;
  }
  if (tokens.length === 0) refuse(`${file}:model.vocab`, 'no tokens', 'at least one');
  return tokens;
}
