/**
 * The tokenizer of ByT5 (Xue et al. 2022), which has no vocabulary: ids 0 to 2 are padding, end and unknown, a byte is its
 * value plus 3, and tokens that were added follow, `<extra_id_0>` at 259 first. A text is its UTF-8 bytes and the end.
 * Written down in `tokenizer_config.json` alone.
 */
import { AddedTokenMatcher } from './added-token-matcher.ts';
import { BYTE_CHARACTERS, bytesOfCharacters } from './byte-alphabet.ts';
import type { AddedToken } from './definition.ts';
import { hashOfFiles } from './files-hash.ts';
import {
  asArray,
  asFlag,
  asInteger,
  asRecord,
  asText,
  describe,
  type JsonRecord,
  parseJsonRecord,
  refuse,
} from './json-fields.ts';
import type { Tokenizer, TokenizerFile } from './tokenizer.ts';
import { wellFormed } from './well-formed.ts';

const CONFIG = 'tokenizer_config.json';
const CLASS = 'ByT5Tokenizer';
const ROLES = [
  ['pad_token', '<pad>'],
  ['eos_token', '</s>'],
  ['unk_token', '<unk>'],
] as const;
const [PAD, END] = [0, 1];
/** The id of byte 0, and the first after the bytes. */
const FIRST_BYTE = ROLES.length;
const FIRST_ADDED = FIRST_BYTE + 256;
const EXTRA_IDS = 125;
const MAX_ADDED = 1 << 16;
const MAX_TOKEN_LENGTH = 4096;

/** Whether these are the files of ByT5's tokenizer. */
export function isByt5(files: readonly TokenizerFile[]): boolean {
  const config = files.find(({ name }) => name === CONFIG);
  return config !== undefined && parseJsonRecord(config.bytes, CONFIG).tokenizer_class === CLASS;
}

/** The tokenizer of published checkpoints, for a new model. */
export function newByt5Tokenizer(): Tokenizer {
  const names = Array.from({ length: EXTRA_IDS }, (_, i) => `<extra_id_${i}>`);
  return byt5Tokenizer(byt5Files([...ROLES.map(([, name]) => name), ...names]));
}

/** @param names of the tokens that are no bytes, in the order of their ids: three before the bytes, the others after */
function byt5Files([pad, end, unknown, ...names]: readonly string[]): readonly TokenizerFile[] {
  const config = {
    pad_token: pad,
    eos_token: end,
    unk_token: unknown,
    extra_ids: names.length,
    additional_special_tokens: names,
    tokenizer_class: CLASS,
  };
  return [{ name: CONFIG, bytes: new TextEncoder().encode(`${JSON.stringify(config, null, 2)}\n`) }];
}

/** The files of a vocabulary whose tokens, byte-level ones for bytes, are those of ByT5 by id; undefined for any other. */
export function byt5FilesOf(tokens: readonly string[]): readonly TokenizerFile[] | undefined {
  const isSame = tokens.length >= FIRST_ADDED && BYTE_CHARACTERS.every((byte, i) => tokens[FIRST_BYTE + i] === byte);
  return isSame ? byt5Files([...tokens.slice(0, FIRST_BYTE), ...tokens.slice(FIRST_ADDED)]) : undefined;
}

/** @throws InputError that names the field */
export function byt5Tokenizer(files: readonly TokenizerFile[]): Tokenizer {
  const config = files.find(({ name }) => name === CONFIG) ?? refuse(CONFIG, 'no such file', 'one');
  const added = readAddedTokens(parseJsonRecord(config.bytes, CONFIG));
  const utf8 = new TextEncoder();
  const addedById = new Map(added.map((token) => [token.id, token]));
  const special = new Set(added.filter((token) => token.special).map(({ id }) => id));
  const ids = new Map(added.map(({ id, content }) => [content, id]));
  const marked = new AddedTokenMatcher(added);
  const plain = new AddedTokenMatcher(added.filter(({ id }) => !special.has(id)));
  const vocabSize = 256 + added.length;

  const bytes = Array.from({ length: vocabSize }, (_, id) => {
    const token = addedById.get(id);
    return token ? utf8.encode(token.content) : Uint8Array.of(id - FIRST_BYTE);
  });
  const checked = (id: number, field: string): number => {
    if (Number.isInteger(id) && id >= 0 && id < vocabSize) return id;
    return refuse(field, String(id), `an id from 0 to ${vocabSize - 1}`, 'Use the tokenizer that made these ids.');
  };

  return {
    kind: 'bytes',
    vocabSize,
    encode(text, { addSpecialTokens = true, allowSpecial = false } = {}) {
      const result: number[] = [];
      for (const piece of splitAt(allowSpecial ? marked : plain, wellFormed(text), addedById)) {
        if (typeof piece === 'number') result.push(piece);
        else for (const byte of utf8.encode(piece)) result.push(byte + FIRST_BYTE);
      }
      // As the original: a text that ends with the token has its end.
      if (addSpecialTokens && result.at(-1) !== END) result.push(END);
      return Int32Array.from(result);
    },
    decode(given, { skipSpecialTokens = false } = {}) {
      const known = Array.from(given, (id, i) => checked(id, `ids.${i}`));
      const shown = skipSpecialTokens ? known.filter((id) => !special.has(id)) : known;
      return validText(Uint8Array.from(shown.flatMap((id) => [...bytes[id]])));
    },
    tokenBytes: (id) => bytes[checked(id, 'id')],
    exactBytes: true,
    idOf(token) {
      const byte = token.length === 1 ? bytesOfCharacters(token)?.[0] : undefined;
      return ids.get(token) ?? (byte === undefined ? undefined : byte + FIRST_BYTE);
    },
    tokenOf: (id) => addedById.get(id)?.content ?? BYTE_CHARACTERS[id - FIRST_BYTE],
    bosId: undefined,
    eosId: END,
    padId: PAD,
    specialIds: special,
    controlIds: special,
    files,
    hash: hashOfFiles(files),
  };
}

/** Texts and ids of tokens in order; a token that strips takes the white space beside it. */
function splitAt(
  matcher: AddedTokenMatcher,
  text: string,
  tokens: ReadonlyMap<number, AddedToken>,
): readonly (string | number)[] {
  const pieces: (string | number)[] = [];
  matcher.split(
    text,
    (piece) => pieces.push(piece),
    (id) => pieces.push(id),
  );
  const stripsAt = (i: number, side: 'lstrip' | 'rstrip') => {
    const piece = pieces[i];
    return typeof piece === 'number' && (tokens.get(piece)?.[side] ?? false);
  };
  return pieces.map((piece, i) => {
    if (typeof piece === 'number') return piece;
    const left = stripsAt(i - 1, 'rstrip') ? piece.trimStart() : piece;
    return stripsAt(i + 1, 'lstrip') ? left.trimEnd() : left;
  });
}

/** The tokens that are no bytes, by id: three before them, the others after. */
function readAddedTokens(config: JsonRecord): readonly AddedToken[] {
  const framing = ROLES.map(([role, usual], id): AddedToken => {
    const content = contentOf(config[role] ?? usual, `${CONFIG}:${role}`);
    return { ...token(id, content), lstrip: true, rstrip: true };
  });
  const all = [...framing, ...(listed(config) ?? named(config))];
  const contents = new Set(all.map(({ content }) => content));
  if (contents.size !== all.length) refuse(CONFIG, 'a token twice', 'tokens that differ');
  return all;
}

const token = (id: number, content: string): AddedToken => {
  return { id, content, special: true, singleWord: false, lstrip: false, rstrip: false, normalized: false };
};

/** `added_tokens_decoder`, as transformers has written it since 4.34. */
function listed(config: JsonRecord): readonly AddedToken[] | undefined {
  const field = `${CONFIG}:added_tokens_decoder`;
  if (config.added_tokens_decoder === undefined) return undefined;
  const entries = Object.entries(asRecord(config.added_tokens_decoder, field))
    .map(([id, entry]) => [asInteger(Number(id), field, 0, FIRST_ADDED + MAX_ADDED), entry] as const)
    .filter(([id]) => id >= FIRST_BYTE)
    .sort(([a], [b]) => a - b);
  return entries.map(([id, entry], i) => {
    if (id !== FIRST_ADDED + i) refuse(`${field}.${id}`, `the id ${id}`, `${FIRST_ADDED + i}, the next one`);
    const values = asRecord(entry, `${field}.${id}`);
    return {
      ...token(id, contentOf(values, `${field}.${id}`)),
      special: asFlag(values.special, `${field}.${id}.special`, true),
      lstrip: asFlag(values.lstrip, `${field}.${id}.lstrip`, false),
      rstrip: asFlag(values.rstrip, `${field}.${id}.rstrip`, false),
    };
  });
}

/** Older settings: a list of names, or how many `<extra_id_...>` there are. */
function named(config: JsonRecord): readonly AddedToken[] {
  const { additional_special_tokens: names, extra_ids: count = EXTRA_IDS } = config;
  const contents =
    names == null
      ? Array.from({ length: asInteger(count, `${CONFIG}:extra_ids`, 0, MAX_ADDED) }, (_, i) => `<extra_id_${i}>`)
      : asArray(names, `${CONFIG}:additional_special_tokens`, MAX_ADDED).map((name, i) =>
          contentOf(name, `${CONFIG}:additional_special_tokens.${i}`),
        );
  return contents.map((content, i) => token(FIRST_ADDED + i, content));
}

/** A token is its text, or an object with it. */
function contentOf(value: unknown, field: string): string {
  const text = typeof value === 'string' ? value : asRecord(value, field).content;
  const content = asText(text, field, MAX_TOKEN_LENGTH);
  return content === '' ? refuse(field, describe(content), 'a text') : content;
}

/** The text of bytes without those that are no UTF-8, which is how the original reads what a model writes. */
function validText(bytes: Uint8Array): string {
  const valid = new Uint8Array(bytes.length);
  let length = 0;
  for (let at = 0; at < bytes.length; ) {
    const size = sequenceLength(bytes, at);
    valid.set(bytes.subarray(at, at + size), length);
    length += size;
    at += Math.max(1, size);
  }
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(valid.subarray(0, length));
}

/** Bytes of the well-formed sequence that begins here; 0 if there is none (Unicode 15, table 3-7). */
function sequenceLength(bytes: Uint8Array, at: number): number {
  const first = bytes[at];
  if (first < 0x80) return 1;
  const size = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  const least = { 224: 0xa0, 240: 0x90 }[first] ?? 0x80;
  const most = { 237: 0x9f, 244: 0x8f }[first] ?? 0xbf;
  for (let i = 1; i < size; i++) {
    const byte = bytes[at + i];
    if (!(i === 1 ? byte >= least && byte <= most : byte >= 0x80 && byte <= 0xbf)) return 0;
  }
  return size;
}
