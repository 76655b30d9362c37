/**
 * Text as the benchmark's own program sees it. Python and JavaScript disagree on what white space, a word and a capital
 * are, and responses of models contain all of it.
 */

/** White space of Python's `str.strip` and `\s`, as the inside of a bracket. U+FEFF is not part of it, U+001C is. */
export const SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';

/** Python's `\w`, as the inside of a bracket: letters, numbers and the underscore, but not combining marks. */
export const WORD = '\\p{L}\\p{N}_';

const spaceOrNot = new RegExp(`[${SPACE}]`);

export function isSpace(character: string): boolean {
  return spaceOrNot.test(character);
}

/** Python's `str.strip()`, or of other characters than white space. Walks from the ends: a pattern would take quadratic time. */
export function strip(text: string, isStripped: (character: string) => boolean = isSpace): string {
  let start = 0;
  let end = text.length;
  while (start < end && isStripped(text[start]!)) start += 1;
  while (end > start && isStripped(text[end - 1]!)) end -= 1;
  return text.slice(start, end);
}

export function stripStart(text: string, stripped: string): string {
  let start = 0;
  while (text[start] === stripped) start += 1;
  return text.slice(start);
}

/** Python's `str.isupper`: a capital, and no small or title-case letter. */
export function isUpper(text: string): boolean {
  return /\p{Uppercase}/u.test(text) && !/[\p{Lowercase}\p{Lt}]/u.test(text);
}

/** Python's `str.islower`. */
export function isLower(text: string): boolean {
  return /\p{Lowercase}/u.test(text) && !/[\p{Uppercase}\p{Lt}]/u.test(text);
}

/** A pattern that matches exactly this text. */
export function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/-]/g, (character) => `\\x${character.charCodeAt(0).toString(16)}`);
}

/** How often a pattern with the flag `g` matches, without overlaps. */
export function countMatches(text: string, pattern: RegExp): number {
  let count = 0;
  for (const _ of text.matchAll(pattern)) count += 1;
  return count;
}
