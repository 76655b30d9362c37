/** Answers that are too long to be read whole. */

import type { Span } from '../reading.ts';
import { MappedText } from './mapped-text.ts';

/**
 * UTF-16 units that are read of an answer at most, without the whitespace around it: so many from its beginning, where a
 * header says what all figures are in, and so many to its end, where answers stand. Longer than what a model writes; a
 * program that repeats itself without end is read in bounded time.
 */
export const READ_HEAD = 32_768;
export const READ_TAIL = 98_304;

/** A number that the cut would go through stays outside; longer ones are no amounts (`MAX_DIGITS`). */
const DIGITS_AT_END = /[\d.,'’_]{1,400}$/;
const DIGITS_AT_START = /^[\d.,'’_]{1,400}/;
const GAP = '\n…\n';

/** The middle of a text that is left out, or undefined where it can be read whole. */
export function unreadMiddle(text: string): Span | undefined {
  const [first, last] = [text.length - text.trimStart().length, text.trimEnd().length];
  if (last - first <= READ_HEAD + READ_TAIL) return undefined;
  const [start, end] = [first + READ_HEAD, last - READ_TAIL];
  const cutBefore = DIGITS_AT_END.exec(text.slice(start - 400, start))?.[0].length ?? 0;
  const cutBehind = DIGITS_AT_START.exec(text.slice(end, end + 400))?.[0].length ?? 0;
  return { start: start - cutBefore, end: end + cutBehind };
}

/** The text as it is read: with a line of its own in place of what is left out. */
export function readablePart(text: string): MappedText {
  const middle = unreadMiddle(text);
  return MappedText.of(text).edit(middle === undefined ? [] : [{ ...middle, by: GAP }]);
}
