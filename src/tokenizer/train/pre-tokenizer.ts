/**
 * How trained tokenizers cut text into words, as parts of `tokenizer.json`: GPT-4's rule, with every digit alone, which
 * keeps numbers of any length regular, or with up to three in a token, which makes them short and easy to copy. The first
 * is also Qwen 2's rule and the second Llama 3's, so that llama.cpp runs these tokenizers as `qwen2` and as `llama-bpe`.
 *
 * In order: contractions; letters with one character before them; digits; punctuation with a space before and line
 * ends after; line ends with the spaces before them; spaces, the last of which stays with the next word.
 */

const CONTRACTIONS = "'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])";
const LETTERS = String.raw`[^\r\n\p{L}\p{N}]?\p{L}+`;
const PUNCTUATION = String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*`;
const LINE_ENDS = String.raw`\s*[\r\n]+`;
const SPACES = String.raw`\s+(?!\S)|\s+`;

/** Digits that a token holds at most. */
export type DigitsPerToken = 1 | 3;

const DIGITS: Readonly<Record<DigitsPerToken, string>> = {
  1: String.raw`\p{N}`,
  3: String.raw`\p{N}{1,3}`,
};

export const preTokenizer = (digits: DigitsPerToken = 1) =>
  ({
    type: 'Sequence',
    pretokenizers: [
      {
        type: 'Split',
        pattern: { Regex: [CONTRACTIONS, LETTERS, DIGITS[digits], PUNCTUATION, LINE_ENDS, SPACES].join('|') },
        behavior: 'Isolated',
        invert: false,
      },
      { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
    ],
  }) as const;
