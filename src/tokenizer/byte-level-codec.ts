/**
 * The codec of byte-level BPE vocabularies (GPT-2, Llama 3, Qwen, and those trained here). Gives the ids of the Hugging Face
 * library, many times faster: words are looked up before they are spelled out, and merged by id rather than by string.
 */

import { AddedTokenMatcher } from './added-token-matcher.ts';
import { BYTE_CHARACTERS, charactersOfBytes } from './byte-alphabet.ts';
import { BytePairEncoder } from './byte-pair-encoder.ts';
import type { Codec } from './codec.ts';
import type { TokenizerDefinition } from './definition.ts';
import { IdBuffer } from './id-buffer.ts';
import type { SpecialTokens } from './special-tokens.ts';
import { type SplitStep, splitSteps, splitWords } from './split-steps.ts';

type NormalForm = 'NFC' | 'NFD' | 'NFKC' | 'NFKD';

/** Remembered words, some tens of megabytes at most; emptied when full. */
const CACHE_WORDS = 1 << 17;
const CACHE_WORD_LENGTH = 48;

/** The codec, or undefined when the tokenizer has a part that this codec does not reproduce exactly. */
export function byteLevelCodec(
  definition: TokenizerDefinition,
  special: SpecialTokens,
  tokenBytes: (id: number) => Uint8Array,
): Codec | undefined {
  const { model, normalizer, decoder, preTokenizer } = definition;
  if (model.type !== 'BPE' || model.byteFallback || model.endOfWordSuffix !== '') return undefined;
  if (decoder.length !== 1 || decoder[0].type !== 'ByteLevel') return undefined;
  const byteIds = Int32Array.from(BYTE_CHARACTERS, (character) => definition.ids.get(character) ?? -1);
  if (byteIds.includes(-1)) return undefined;
  const normalForms = ['NFC', 'NFD', 'NFKC', 'NFKD'] as const;
  const forms = normalizer.map((part) => normalForms.find((form) => form === part.type));
  if (forms.includes(undefined)) return undefined;
  const unusual = (token: TokenizerDefinition['added'][number]): boolean =>
    token.singleWord || token.lstrip || token.rstrip || (token.normalized && forms.length > 0);
  if (special.added.some(unusual)) return undefined;
  const steps = splitSteps(preTokenizer);
  if (steps === undefined) return undefined;
  return new ByteLevelCodec({
    forms: forms as NormalForm[],
    steps,
    encoder: new BytePairEncoder({
      byteIds,
      merges: model.merges.filter(([, , merged]) => !special.control.has(merged)),
    }),
    wholeWords: model.ignoreMerges ? wholeWords(definition, special) : undefined,
    marked: new AddedTokenMatcher(special.added),
    plain: new AddedTokenMatcher(special.added.filter((token) => !special.control.has(token.id))),
    tokenBytes,
  });
}

/** With `ignore_merges`, a word that is a token is that token, whatever the merges say. */
function wholeWords({ ids, tokens }: TokenizerDefinition, special: SpecialTokens): ReadonlyMap<string, number> {
  const words = new Map(ids);
  for (const id of special.control) words.delete(tokens[id]);
  return words;
}

interface ByteLevelParts {
  readonly forms: readonly NormalForm[];
  readonly steps: readonly SplitStep[];
  readonly encoder: BytePairEncoder;
  readonly wholeWords: ReadonlyMap<string, number> | undefined;
  readonly marked: AddedTokenMatcher;
  readonly plain: AddedTokenMatcher;
  readonly tokenBytes: (id: number) => Uint8Array;
}

class ByteLevelCodec implements Codec {
  readonly #parts: ByteLevelParts;
  /** Ids by word; one id is kept as a number. */
  readonly #cache = new Map<string, number | Int32Array>();
  readonly #utf8 = new TextEncoder();
  readonly #text = new TextDecoder('utf-8', { ignoreBOM: true });
  #symbols = new Int32Array(256);

  constructor(parts: ByteLevelParts) {
    this.#parts = parts;
  }

  encode(text: string, allowSpecial: boolean): Int32Array {
    const { forms, steps, marked, plain } = this.#parts;
    const ids = new IdBuffer(text.length >> 1);
    const onWord = (word: string): void => {
      const known = this.#cache.get(word) ?? this.#encodeWord(word);
      if (typeof known === 'number') ids.push(known);
      else ids.pushAll(known);
    };
    (allowSpecial ? marked : plain).split(
      text,
      (piece) =>
        splitWords(
          forms.reduce((normal, form) => normal.normalize(form), piece),
          steps,
          onWord,
        ),
      (id) => ids.push(id),
    );
    return ids.copy();
  }

  decode(ids: readonly number[]): string {
    const pieces = ids.map((id) => this.#parts.tokenBytes(id));
    const bytes = new Uint8Array(pieces.reduce((total, piece) => total + piece.length, 0));
    let at = 0;
    for (const piece of pieces) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return this.#text.decode(bytes);
  }

  #encodeWord(word: string): number | Int32Array {
    const bytes = this.#utf8.encode(word);
    const known = this.#parts.wholeWords?.get(charactersOfBytes(bytes)) ?? this.#merge(bytes);
    if (word.length <= CACHE_WORD_LENGTH) {
      if (this.#cache.size >= CACHE_WORDS) this.#cache.clear();
      // A word cut from a text keeps all of it in memory; one decoded from bytes stands alone.
      this.#cache.set(this.#text.decode(bytes), known);
    }
    return known;
  }

  #merge(bytes: Uint8Array): number | Int32Array {
    if (this.#symbols.length < bytes.length) this.#symbols = new Int32Array(bytes.length);
    this.#symbols.set(bytes);
    const length = this.#parts.encoder.encode(this.#symbols, bytes.length);
    return length === 1 ? this.#symbols[0] : this.#symbols.slice(0, length);
  }
}
