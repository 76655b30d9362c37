/**
 * Writes pre-tokenizers as the splits they stand for, with Unicode's digits, punctuation and word characters as in the
 * Rust implementation. The JavaScript library knows only ASCII digits and word characters, and never cuts between
 * punctuation marks: given the splits, it agrees.
 */

import type { JsonRecord } from './json-fields.ts';

/** `\w` of Rust's regular expressions. */
const WORD = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\u200c\u200d`;
const PUNCTUATION = String.raw`[\p{P}!-/:-@\[-\x60{-~]`;

export function canonicalPreTokenizer(parts: readonly JsonRecord[]): readonly JsonRecord[] {
  return parts.map((part) => {
    switch (part.type) {
      case 'Digits':
        return isolated(part.individual_digits === true ? String.raw`\p{N}` : String.raw`\p{N}+`);
      case 'Punctuation':
        return isolated(part.behavior === 'Contiguous' ? `${PUNCTUATION}+` : PUNCTUATION);
      case 'Whitespace':
        return { ...isolated(String.raw`[${WORD}]+|[^${WORD}\s]+`), behavior: 'Removed', invert: true };
      default:
        return part;
    }
  });
}

const isolated = (Regex: string): JsonRecord => ({
  type: 'Split',
  pattern: { Regex },
  behavior: 'Isolated',
  invert: false,
});
