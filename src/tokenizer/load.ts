/**
 * Reads a tokenizer from a Hugging Face folder, from a `tokenizer.json`, from GPT-2's vocabulary and merges, or from the
 * settings of ByT5's, which has no vocabulary.
 */

import { type FileHandle, open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { needsFolder } from '../checkpoint/gguf/needs-folder.ts';
import { InputError } from '../errors.ts';
import { bpeModel } from './bpe-model.ts';
import { byt5Tokenizer, isByt5 } from './byt5-tokenizer.ts';
import { byteLevelCodec } from './byte-level-codec.ts';
import { readDefinition } from './definition.ts';
import { hashOfFiles } from './files-hash.ts';
import { asInteger, parseJsonRecord, refuse } from './json-fields.ts';
import { libraryCodec } from './library-codec.ts';
import { readSequenceFrame } from './sequence-frame.ts';
import { readSpecialTokens } from './special-tokens.ts';
import { tokenBytesOf } from './token-bytes.ts';
import type { Tokenizer, TokenizerFile } from './tokenizer.ts';
import { wellFormed } from './well-formed.ts';

/** The largest in use have 35 MB. */
const MAX_TOKENIZER_BYTES = 128 * 2 ** 20;
const MAX_COMPANION_BYTES = 32 * 2 ** 20;

/** Files that other programs read beside `tokenizer.json`; configuration first in this order. */
const CONFIGS = ['tokenizer_config.json', 'special_tokens_map.json'];
const COMPANIONS = [
  ...CONFIGS,
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
  'tokenizer.model',
  'chat_template.jinja',
  'chat_template.json',
];
/** What is looked for, in this order: one file, or a vocabulary and its merges. */
export const tokenizerLayouts = [
  ['tokenizer.json'],
  ['vocab.json', 'merges.txt'],
  ['encoder.json', 'vocab.bpe'],
] as const;

/**
 * Loads `tokenizer.json` at a path or in a folder, with the configuration files beside it; a folder that only has GPT-2's
 * vocabulary and merges, or ByT5's settings, is read too. Throws an `InputError` that names the file and field.
 */
export async function loadTokenizer(folderOrFile: string): Promise<Tokenizer> {
  const isFolder = await isDirectory(folderOrFile);
  if (!isFolder && folderOrFile.endsWith('.gguf')) throw needsFolder(folderOrFile, 'a folder, or a tokenizer.json');
  const tokenizer = isFolder ? await findTokenizer(folderOrFile) : await readTokenizerFile(folderOrFile);
  const path = isFolder ? join(folderOrFile, 'tokenizer.json') : folderOrFile;
  return tokenizer ?? refuse(path, 'no such file', 'a tokenizer.json', 'Point to a Hugging Face folder that has one.');
}

/** The tokenizer of a folder; undefined where there is none. One that is broken throws as in `loadTokenizer`. */
export async function findTokenizer(folder: string): Promise<Tokenizer | undefined> {
  const [[json], ...pairs] = tokenizerLayouts;
  const tokenizer = await readTokenizerFile(join(folder, json));
  if (tokenizer) return tokenizer;
  const incomplete: string[] = [];
  for (const [vocabulary, merges] of pairs) {
    const parts = [vocabulary, merges].map((name) => readIfPresent(join(folder, name), MAX_TOKENIZER_BYTES));
    const [tokens, rules] = await Promise.all(parts);
    if (tokens && rules) return fromVocabAndMerges(tokens, rules);
    if (tokens) incomplete.push(join(folder, merges));
  }
  const companions = await readCompanions(folder);
  if (isByt5(companions)) return byt5Tokenizer(companions);
  const [missing] = incomplete;
  return missing === undefined ? undefined : refuse(missing, 'no such file', 'the merges of the vocabulary beside it');
}

async function readTokenizerFile(path: string): Promise<Tokenizer | undefined> {
  const bytes = await readIfPresent(path, MAX_TOKENIZER_BYTES);
  return bytes && tokenizerOf([{ name: 'tokenizer.json', bytes }, ...(await readCompanions(dirname(path)))]);
}

async function readCompanions(folder: string): Promise<readonly TokenizerFile[]> {
  const files: TokenizerFile[] = [];
  for (const name of COMPANIONS) {
    const bytes = await readIfPresent(join(folder, name), MAX_COMPANION_BYTES);
    if (bytes !== undefined) files.push({ name, bytes });
  }
  return files;
}

/**
 * The tokenizer of GPT-2's two files: `encoder.json` or `vocab.json` (token -> id) and `vocab.bpe` or `merges.txt`
 * (one merge a line after a version line). `<|endoftext|>`, where it exists, begins and ends a text.
 */
export function fromVocabAndMerges(vocab: Uint8Array, merges: Uint8Array): Tokenizer {
  const tokens = parseJsonRecord(vocab, 'vocab.json');
  const lines = new TextDecoder().decode(merges).split(/\r?\n/);
  const end = '<|endoftext|>';
  const hasEnd = Object.hasOwn(tokens, end);
  const id = hasEnd ? asInteger(tokens[end], `vocab.json:${end}`, 0, 2 ** 31 - 1) : 0;
  const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
  const json = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: hasEnd
      ? [{ id, content: end, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true }]
      : [],
    normalizer: null,
    pre_tokenizer: byteLevel,
    post_processor: null,
    decoder: byteLevel,
    model: bpeModel({
      vocab: tokens,
      merges: lines
        .filter((line, i) => line !== '' && !(i === 0 && line.startsWith('#version')))
        .map((line) => line.split(' ')),
    }),
  };
  const config = { tokenizer_class: 'PreTrainedTokenizerFast', ...(hasEnd && { bos_token: end, eos_token: end }) };
  const utf8 = new TextEncoder();
  return tokenizerOf([
    { name: 'tokenizer.json', bytes: utf8.encode(JSON.stringify(json)) },
    { name: 'tokenizer_config.json', bytes: utf8.encode(`${JSON.stringify(config, null, 2)}\n`) },
  ]);
}

/** The tokenizer of files in memory: `tokenizer.json` and what goes with it, or ByT5's. Throws an `InputError` that names the field. */
export function tokenizerOf(files: readonly TokenizerFile[]): Tokenizer {
  const main = files.find((file) => file.name === 'tokenizer.json');
  if (main === undefined && isByt5(files)) return byt5Tokenizer(files);
  if (main === undefined) refuse('tokenizer.json', 'no such file', 'a tokenizer.json');
  const definition = readDefinition(main.bytes, main.name);
  const configs = CONFIGS.flatMap((name) => {
    const file = files.find((candidate) => candidate.name === name);
    return file ? [{ name, json: parseJsonRecord(file.bytes, name) }] : [];
  });
  const special = readSpecialTokens(definition, configs);
  const frame = readSequenceFrame(definition, main.name);
  const bytes = tokenBytesOf(definition);
  const fast = byteLevelCodec(definition, special, bytes.of);
  const codec = fast ?? libraryCodec(definition, special, main.name);
  const vocabSize = definition.tokens.length;

  function checked(id: number, field: string): number {
    if (Number.isInteger(id) && id >= 0 && id < vocabSize) return id;
    throw new InputError({
      field,
      found: String(id),
      expected: `an id from 0 to ${vocabSize - 1}`,
      fix: 'Use the tokenizer that made these ids.',
    });
  }

  return {
    kind: fast === undefined ? definition.model.type : 'byte-level BPE',
    vocabSize,
    encode(text, { addSpecialTokens = true, allowSpecial = false } = {}) {
      const ids = codec.encode(wellFormed(text), allowSpecial);
      if (!addSpecialTokens || frame.before.length + frame.after.length === 0) return ids;
      const framed = new Int32Array(frame.before.length + ids.length + frame.after.length);
      framed.set(frame.before);
      framed.set(ids, frame.before.length);
      framed.set(frame.after, frame.before.length + ids.length);
      return framed;
    },
    decode(ids, { skipSpecialTokens = false } = {}) {
      const known = Array.from(ids, (id, i) => checked(id, `ids.${i}`));
      return codec.decode(skipSpecialTokens ? known.filter((id) => !special.special.has(id)) : known);
    },
    tokenBytes: (id) => bytes.of(checked(id, 'id')),
    exactBytes: bytes.exact,
    idOf: (token) => definition.ids.get(token),
    tokenOf: (id) => definition.tokens[id],
    bosId: special.bosId,
    eosId: special.eosId,
    padId: special.padId,
    specialIds: special.special,
    controlIds: special.control,
    files,
    hash: hashOfFiles(files),
  };
}

async function isDirectory(path: string): Promise<boolean> {
  const info = await stat(path).catch(() => undefined);
  return info?.isDirectory() ?? false;
}

/** The bytes of a file, or undefined when there is none. Reads from one handle, so that the size checked is the size read. */
async function readIfPresent(path: string, maxBytes: number): Promise<Uint8Array | undefined> {
  let handle: FileHandle;
  try {
    handle = await open(path, 'r');
  } catch (error) {
    if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR'))
      return undefined;
    throw error;
  }
  try {
    const info = await handle.stat();
    if (!info.isFile()) refuse(path, 'something that is not a file', 'a file');
    if (info.size > maxBytes) refuse(path, `${info.size} bytes`, `at most ${maxBytes}`);
    const bytes = new Uint8Array(info.size);
    let length = 0;
    while (length < bytes.length) {
      const { bytesRead } = await handle.read(bytes, length, bytes.length - length, length);
      if (bytesRead === 0) break;
      length += bytesRead;
    }
    return bytes.subarray(0, length);
  } finally {
    await handle.close();
  }
}
