/**
 * How trained tokenizers cut text into words, as parts of `tokenizer.json`: GPT-4's rule with every digit alone, which
 * keeps numbers of any length regular. It is also Qwen 2's rule, so that llama.cpp runs these tokenizers as `qwen2`.
 *
 * In order: contractions; letters with one character before them; a digit; punctuation with a space before and line
 * ends after; line ends with the spaces before them; spaces, the last of which stays with the next word.
 */

const CONTRACTIONS = "'(?:[sSdDmMtT]|[lL][lL]|[vV][eE]|[rR][eE])";
const LETTERS = String.raw`[^\r\n\p{L}\p{N}]?\p{L}+`;
const DIGIT = String.raw`\p{N}`;
const PUNCTUATION = String.raw` ?[^\s\p{L}\p{N}]+[\r\n]*`;
const LINE_ENDS = String.raw`\s*[\r\n]+`;
const SPACES = String.raw`\s+(?!\S)|\s+`;

export const PRE_TOKENIZER = {
  type: 'Sequence',
  pretokenizers: [
    {
      type: 'Split',
      pattern: { Regex: [CONTRACTIONS, LETTERS, DIGIT, PUNCTUATION, LINE_ENDS, SPACES].join('|') },
      behavior: 'Isolated',
      invert: false,
    },
    { type: 'ByteLevel', add_prefix_space: false, trim_offsets: false, use_regex: false },
  ],
} as const;
