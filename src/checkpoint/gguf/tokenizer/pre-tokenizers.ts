/**
 * The pre-tokenizers that llama.cpp knows by name (`tokenizer.ggml.pre`) and that can be said in `tokenizer.json`, where
 * Finery's encoder gives the same ids. Source: llama.cpp, `llm_tokenizer_bpe` in src/llama-vocab.cpp.
 */
import type { JsonRecord } from '../../../tokenizer/json-fields.ts';
import { preTokenizer } from '../../../tokenizer/train/pre-tokenizer.ts';

export interface PreTokenizer {
  /** Names in `tokenizer.ggml.pre`; the first is written. */
  readonly names: readonly string[];
  /** `pre_tokenizer` of `tokenizer.json`; the first is what a file is read as, all are known when one is written. */
  readonly forms: readonly JsonRecord[];
  /** A word that is a token of the vocabulary is not split. */
  readonly ignoreMerges: boolean;
  /** Whether a text begins with the beginning token where the file does not say. */
  readonly beginsText: boolean;
}

const byteLevel = (useRegex: boolean): JsonRecord => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: false,
  use_regex: useRegex,
});

const sequence = (...pretokenizers: readonly JsonRecord[]): JsonRecord => ({ type: 'Sequence', pretokenizers });

const split = (Regex: string): JsonRecord => ({
  type: 'Split',
  pattern: { Regex },
  behavior: 'Isolated',
  invert: false,
});

/** GPT-4's rule, with numbers cut as given. */
const gpt4 = (digits: string, contractions = "(?i:'s|'t|'re|'ve|'m|'ll|'d)"): JsonRecord =>
  sequence(
    split(
      `${contractions}|${String.raw`[^\r\n\p{L}\p{N}]?\p{L}+`}|${digits}|${String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`}`,
    ),
    byteLevel(false),
  );

const singleDigits = String.raw`\p{N}`;
const threeDigits = String.raw`\p{N}{1,3}`;

export const preTokenizers: readonly PreTokenizer[] = [
  {
    names: ['gpt-2', 'phi-2', 'mpt', 'olmo', 'roberta-bpe'],
    forms: [byteLevel(true)],
    ignoreMerges: false,
    beginsText: false,
  },
  {
    names: ['qwen2', 'stablelm2', 'deepseek-r1-qwen', 'megrez'],
    forms: [gpt4(singleDigits), preTokenizer(1)],
    ignoreMerges: false,
    beginsText: false,
  },
  {
    names: ['llama-bpe', 'llama3', 'llama-v3'],
    forms: [gpt4(threeDigits), preTokenizer(3)],
    ignoreMerges: true,
    beginsText: true,
  },
  {
    names: ['smaug-bpe', 'dbrx'],
    forms: [gpt4(threeDigits), preTokenizer(3)],
    ignoreMerges: false,
    beginsText: false,
  },
  {
    names: ['smollm', 'starcoder', 'refact', 'command-r'],
    forms: [sequence({ type: 'Digits', individual_digits: true }, byteLevel(true))],
    ignoreMerges: false,
    beginsText: false,
  },
];
