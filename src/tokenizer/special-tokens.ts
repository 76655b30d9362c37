/**
 * Which tokens carry structure rather than text, and which of them begin, end and pad a sequence.
 * Sources: the added tokens of `tokenizer.json`, `tokenizer_config.json` and `special_tokens_map.json`.
 */

import type { AddedToken, TokenizerDefinition } from './definition.ts';
import { asArray, asText, describe, type JsonRecord, refuse } from './json-fields.ts';

const MAX_NAME = 4_096;

/** Roles that a configuration can give to a token. */
const ROLES = ['bos_token', 'eos_token', 'pad_token', 'unk_token', 'cls_token', 'sep_token', 'mask_token'] as const;

/**
 * Families mark some control tokens as ordinary, so that decoding keeps them for a parser of tool calls or thoughts.
 * In the text of a user they are just as dangerous: these are recognised by their form.
 */
const CONTROL_FORM = /^<\|.*\|>$|^<\/?(?:tool_calls?|tool_response|tools|think|calc|calc_result)>$/s;

export interface ConfigFile {
  readonly name: string;
  readonly json: JsonRecord;
}

export interface SpecialTokens {
  /** Left out by `skipSpecialTokens`. */
  readonly special: ReadonlySet<number>;
  /** Never produced from plain text: the special ones and those of control form. */
  readonly control: ReadonlySet<number>;
  /** The added tokens of the definition, and tokens that only a configuration calls special. */
  readonly added: readonly AddedToken[];
  readonly bosId: number | undefined;
  readonly eosId: number | undefined;
  readonly padId: number | undefined;
}

/** Earlier configuration files win. Throws an `InputError` when a boundary token is not in the vocabulary. */
export function readSpecialTokens(definition: TokenizerDefinition, configs: readonly ConfigFile[]): SpecialTokens {
  const roles = new Map<string, number>();
  const special = new Set<number>();
  for (const { name, json } of configs) {
    for (const role of ROLES) {
      const content = tokenContent(json[role], `${name}:${role}`);
      if (content === undefined || roles.has(role)) continue;
      const id = definition.ids.get(content);
      if (id !== undefined) {
        roles.set(role, id);
        special.add(id);
      } else if (role === 'bos_token' || role === 'eos_token' || role === 'pad_token') {
        refuse(
          `${name}:${role}`,
          describe(content),
          'a token of the vocabulary',
          'Add it to tokenizer.json or correct the name.',
        );
      }
    }
    for (const key of ['additional_special_tokens', 'extra_special_tokens']) {
      for (const [i, token] of listed(json[key], `${name}:${key}`).entries()) {
        const id = definition.ids.get(tokenContent(token, `${name}:${key}.${i}`) ?? '');
        if (id !== undefined) special.add(id);
      }
    }
  }
  for (const token of definition.added) if (token.special) special.add(token.id);

  const known = new Set(definition.added.map((token) => token.id));
  const unlisted = [...special].filter((id) => !known.has(id)).map((id) => specialToken(id, definition.tokens[id]));
  const added = [...definition.added, ...unlisted];
  const control = new Set(added.filter((token) => CONTROL_FORM.test(token.content)).map((token) => token.id));
  return {
    special,
    control: new Set([...control, ...special]),
    added,
    bosId: roles.get('bos_token'),
    eosId: roles.get('eos_token'),
    padId: roles.get('pad_token'),
  };
}

/** Further special tokens are a list, or in newer files a record from role to token. */
function listed(value: unknown, field: string): readonly unknown[] {
  const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
  return asArray(isRecord ? Object.values(value) : (value ?? []), field, 1 << 16);
}

/** A token is written as its string or as an object that holds it. */
function tokenContent(value: unknown, field: string): string | undefined {
  if (value === null || value === undefined || value === false) return undefined;
  const content = typeof value === 'object' && 'content' in value ? value.content : value;
  return asText(content, field, MAX_NAME);
}

const specialToken = (id: number, content: string): AddedToken => ({
  id,
  content,
  special: true,
  singleWord: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
});
