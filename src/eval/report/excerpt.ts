/** Prompts and answers may be megabytes: a report keeps how they begin and how they end. */
import type { Excerpt } from './summary.ts';

export interface ExcerptSize {
  readonly start: number;
  readonly end: number;
}

/** Questions come last, after documents and examples. */
export const PROMPT_SIZE: ExcerptSize = { start: 1200, end: 2800 };
/** An answer tells at its end what it came to. */
export const ANSWER_SIZE: ExcerptSize = { start: 1000, end: 1000 };
export const LABEL_SIZE: ExcerptSize = { start: 240, end: 60 };

/** Sizes are in UTF-16 units; a cut never leaves half a character. */
export function excerptOf(text: string, { start, end }: ExcerptSize): Excerpt {
  // What the note about it would take is not worth leaving out.
  if (text.length <= start + end + 40) return { start: text, omitted: 0, end: '' };
  const from = isSplit(text, start) ? start - 1 : start;
  const to = isSplit(text, text.length - end) ? text.length - end + 1 : text.length - end;
  return { start: text.slice(0, from), omitted: to - from, end: text.slice(to) };
}

/** Whether a cut before this place would part a surrogate pair. */
function isSplit(text: string, place: number): boolean {
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(place - 1, place + 1));
}
