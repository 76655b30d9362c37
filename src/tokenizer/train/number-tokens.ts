/**
 * Whole numbers of two or three digits as tokens. There are more of them than a small vocabulary would learn, and a number
 * that is cut where others are not is as hard to copy as one of single digits: so all are tokens from the start.
 */
import type { DigitsPerToken } from './pre-tokenizer.ts';

/** All of them, such as "07" and "365"; none where every digit is alone. */
export function numberTokens(digits: DigitsPerToken): readonly string[] {
  return Array.from({ length: digits - 1 }, (_, i) => i + 2).flatMap((length) =>
    Array.from({ length: 10 ** length }, (_, value) => String(value).padStart(length, '0')),
  );
}
