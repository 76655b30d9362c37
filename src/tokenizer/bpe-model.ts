/** The `model` of a BPE `tokenizer.json`, with every field that the Hugging Face library writes, in its order. */
import type { JsonObject } from '../files/json-file.ts';

export interface BpeModelOptions {
  readonly vocab: Readonly<Record<string, unknown>>;
  /** Pairs of tokens, the first of them merged first. */
  readonly merges: readonly (readonly string[])[];
  /** Whether a word of the vocabulary is a token however it would be merged. Default false. */
  readonly ignoreMerges?: boolean;
  /**
   * The token of what has none, as in SentencePiece: characters that are no token fall back to their bytes, and this is left
   * for bytes without one. Default: none, as in byte-level BPE.
   */
  readonly unknown?: string;
}

export function bpeModel({ vocab, merges, ignoreMerges = false, unknown }: BpeModelOptions): JsonObject {
  const hasUnknown = unknown !== undefined;
  return {
    type: 'BPE',
    dropout: null,
    unk_token: unknown ?? null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: hasUnknown,
    byte_fallback: hasUnknown,
    ignore_merges: ignoreMerges,
    vocab,
    merges,
  };
}
