/** What a GGUF file says about its tokens, whatever kind they are of, and what a kind makes of it. */
import type { JsonObject } from '../../../files/json-file.ts';
import type { MetadataFields } from '../metadata-fields.ts';
import { damaged, unsupported } from '../refuse.ts';

/** Values of `tokenizer.ggml.token_type`. */
export const tokenTypes = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

export interface ListedTokens {
  readonly fields: MetadataFields;
  /** Without those behind the last that is used, which only make the vocabulary a round number. */
  readonly tokens: readonly string[];
  readonly types: readonly number[];
  /** Whether a token is no part of the model that makes tokens of text, but found in the text before. */
  isAdded(id: number): boolean;
  /** The id under a role. @throws InputError for one that there is no token of */
  idOf(role: string): number | undefined;
}

/** The parts of `tokenizer.json` that a kind of vocabulary decides about. */
export interface VocabularyParts {
  /** By id, as they are called there. */
  readonly tokens: readonly string[];
  readonly normalizer: JsonObject | null;
  readonly pre_tokenizer: JsonObject | null;
  readonly decoder: JsonObject;
  readonly model: JsonObject;
  /** Tokens before and after a text. */
  readonly begin: number | undefined;
  readonly end: number | undefined;
  /** Further fields of `tokenizer_config.json`. */
  readonly config?: JsonObject;
}

export function listTokens(fields: MetadataFields): ListedTokens {
  const all = fields.texts('tokenizer.ggml.tokens') ?? [];
  const types = fields.numbers('tokenizer.ggml.token_type') ?? all.map(() => tokenTypes.normal);
  if (all.length === 0 || types.length !== all.length) {
    const found = `${all.length} tokens and ${types.length} types`;
    throw damaged(`${fields.path}, tokenizer.ggml.tokens`, found, 'as many of each');
  }
  const tokens = all.slice(0, 1 + types.findLastIndex((type) => type !== tokenTypes.unused));
  return {
    fields,
    tokens,
    types: types.slice(0, tokens.length),
    isAdded: (id) => types[id] === tokenTypes.control || types[id] === tokenTypes.userDefined,
    idOf(role) {
      const key = `tokenizer.ggml.${role}_token_id`;
      const value = fields.integer(key);
      if (value === undefined || value < tokens.length) return value;
      throw damaged(`${fields.path}, ${key}`, String(value), `an id below ${tokens.length}`);
    },
  };
}

/** The id under a role, or the one that llama.cpp takes where a file names none. */
export function idOrUsual({ fields, tokens, idOf }: ListedTokens, role: string, usual: number): number {
  const id = idOf(role) ?? usual;
  if (id < tokens.length) return id;
  throw damaged(`${fields.path}, tokenizer.ggml.${role}_token_id`, 'nothing', `an id below ${tokens.length}`);
}

/** The score of each token. @throws InputError for one that is missing or not finite */
export function readScores({ fields, tokens }: ListedTokens): readonly number[] {
  const scores = fields.numbers('tokenizer.ggml.scores') ?? [];
  if (scores.length >= tokens.length && scores.every(Number.isFinite)) return scores;
  const found = `${scores.length} scores of ${tokens.length} tokens`;
  throw damaged(`${fields.path}, tokenizer.ggml.scores`, found, 'a finite number for each token');
}

/** The error for a tokenizer that is not read. */
export function otherText(fields: MetadataFields, key: string, found: string, expected: string) {
  const fix = 'Text would become other tokens. Take the model as a Hugging Face folder, or one with another tokenizer.';
  return unsupported(`${fields.path}, ${key}`, found, expected, fix);
}
