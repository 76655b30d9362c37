/**
 * Imports tokenizer files of karpathy/llama2.c: int32 length of the longest token, then per token float32 score, int32
 * length and that many bytes (little-endian). They are sentencepiece BPE vocabularies with spaces for "▁", tokens <0x00> to
 * <0xFF> for bytes outside the vocabulary, and unknown, begin and end of sequence as tokens 0, 1 and 2.
 *
 * The result is the `tokenizer.json` of Hugging Face tokenizers. Sentencepiece merges whichever neighbours form the token of
 * the best score; a merge list says the same when every way to split a token into two tokens is listed, by falling score.
 */

import { open } from 'node:fs/promises';
import { InputError } from '../../errors.ts';
import type { JsonObject } from '../../files/json-file.ts';
import { bpeModel } from '../../tokenizer/bpe-model.ts';

export interface ImportedTokenizer {
  /** For `tokenizer.json`. */
  readonly tokenizer: JsonObject;
  /** For `tokenizer_config.json`. */
  readonly tokenizerConfig: JsonObject;
  /** For `special_tokens_map.json`. */
  readonly specialTokensMap: JsonObject;
}

interface Piece {
  readonly text: string;
  readonly score: number;
}

const special = ['<unk>', '<s>', '</s>'];

/** Real vocabularies take some hundred kilobytes. */
const maximumBytes = 64 * 2 ** 20;

/** Longest token in bytes; sentencepiece allows 16 characters by default. */
const maximumTokenBytes = 1024;

/** @throws InputError if the file is cut short, too large, not UTF-8 or has a token twice. */
export async function readLlama2cTokenizer(path: string): Promise<ImportedTokenizer> {
  const file = await open(path, 'r').catch((cause) => {
    throw refuse(path, String(cause), 'a readable file');
  });
  try {
    const { size } = await file.stat();
    if (size > maximumBytes) throw refuse(path, `${size} bytes`, `at most ${maximumBytes}`);
    return toHuggingFace(parsePieces(await file.readFile(), path), path);
  } finally {
    await file.close();
  }
}

function parsePieces(bytes: Buffer, path: string): readonly Piece[] {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const pieces: Piece[] = [];
  for (let at = 4; at < bytes.length; ) {
    const field = `${path}, token ${pieces.length}`;
    if (at + 8 > bytes.length) throw refuse(field, 'the end of the file', 'a score and a length');
    const score = bytes.readFloatLE(at);
    const length = bytes.readInt32LE(at + 4);
    at += 8;
    if (!Number.isFinite(score)) throw refuse(field, `score ${score}`, 'a finite score');
    if (length < 1 || length > maximumTokenBytes)
      throw refuse(field, `a length of ${length}`, `1 to ${maximumTokenBytes} bytes`);
    if (at + length > bytes.length) throw refuse(field, `${bytes.length - at} bytes to the end`, `${length} bytes`);
    try {
      const text = decoder.decode(bytes.subarray(at, at + length));
      pieces.push({ text: special[pieces.length] ?? text.replaceAll(' ', '▁'), score });
    } catch {
      throw refuse(field, 'bytes that are not UTF-8', 'text');
    }
    at += length;
  }
  if (pieces.length < special.length) throw refuse(path, `${pieces.length} tokens`, 'at least unknown, begin and end');
  return pieces;
}

function toHuggingFace(pieces: readonly Piece[], path: string): ImportedTokenizer {
  const vocab = new Map<string, number>();
  for (const [id, { text }] of pieces.entries()) {
    if (vocab.has(text))
      throw refuse(
        `${path}, token ${id}`,
        `${JSON.stringify(text)} again (token ${vocab.get(text)})`,
        'every token once',
      );
    vocab.set(text, id);
  }
  const [unknown, begin, end] = special;
  const model = bpeModel({
    unknown,
    vocab: Object.fromEntries(vocab),
    merges: mergesOf(pieces, vocab),
  });
  const beginning = { SpecialToken: { id: begin, type_id: 0 } };
  const sequence = (id: string): JsonObject => ({ Sequence: { id, type_id: 0 } });
  const tokenizer = {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: special.map((content, id) => ({
      ...{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true },
    })),
    normalizer: {
      type: 'Sequence',
      normalizers: [
        { type: 'Prepend', prepend: '▁' },
        { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      ],
    },
    pre_tokenizer: null,
    post_processor: {
      type: 'TemplateProcessing',
      single: [beginning, sequence('A')],
      pair: [
        beginning,
        sequence('A'),
        { SpecialToken: { id: begin, type_id: 1 } },
        { Sequence: { id: 'B', type_id: 1 } },
      ],
      special_tokens: { [begin]: { id: begin, ids: [1], tokens: [begin] } },
    },
    decoder: {
      type: 'Sequence',
      decoders: [
        { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
        { type: 'ByteFallback' },
        { type: 'Fuse' },
        { type: 'Strip', content: ' ', start: 1, stop: 0 },
      ],
    },
    model,
  };
  const specialTokensMap = { bos_token: begin, eos_token: end, unk_token: unknown };
  const tokenizerConfig = {
    ...specialTokensMap,
    tokenizer_class: 'PreTrainedTokenizerFast',
    add_bos_token: true,
    add_eos_token: false,
    clean_up_tokenization_spaces: false,
  };
  return { tokenizer, tokenizerConfig, specialTokensMap };
}

/** Best score first; among equal scores the earlier token, then the shorter left part. */
function mergesOf(
  pieces: readonly Piece[],
  vocab: ReadonlyMap<string, number>,
): readonly (readonly [string, string])[] {
  const mergeable = pieces
    .map((piece, id) => ({ ...piece, id }))
    .filter(({ id, text }) => id >= special.length && !isByteToken(text));
  mergeable.sort((a, b) => b.score - a.score || a.id - b.id);
  return mergeable.flatMap(({ text }) => {
    const characters = [...text];
    const splits = characters
      .slice(1)
      .map((_, i): [string, string] => [characters.slice(0, i + 1).join(''), characters.slice(i + 1).join('')]);
    return splits.filter(([left, right]) => isPart(left) && isPart(right));
  });

  function isPart(text: string): boolean {
    return (vocab.get(text) ?? 0) >= special.length && !isByteToken(text);
  }
}

function isByteToken(text: string): boolean {
  return /^<0x[0-9A-F]{2}>$/.test(text);
}

function refuse(field: string, found: string, expected: string): InputError {
  return new InputError({
    field,
    found,
    expected,
    fix: 'Copy the tokenizer file again, or export it anew with llama2.c.',
  });
}
