/** Python's string operations that templates cut and join text with, keeping track of where each part came from. */

import { COST, type Limits } from './limits.ts';
import { PYTHON_SPACES } from './python-text.ts';
import { concat, plain, slice, type TracedText } from './traced-text.ts';

/** `str.strip`, or one side of it: takes away the characters in `characters`. */
export function strip(text: TracedText, side: 'both' | 'left' | 'right', characters = PYTHON_SPACES): TracedText {
  const units = plain(text);
  const set = new Set(characters);
  let start = 0;
  let end = units.length;
  // Characters beyond the basic plane are two units; no template strips them by halves.
  if (side !== 'right')
    while (start < end && set.has(characterAt(units, start))) start += characterAt(units, start).length;
  if (side !== 'left')
    while (end > start && set.has(characterBefore(units, end))) end -= characterBefore(units, end).length;
  return start === 0 && end === units.length ? text : slice(text, start, end);
}

const characterAt = (text: string, at: number): string => String.fromCodePoint(text.codePointAt(at)!);

function characterBefore(text: string, end: number): string {
  const pair = text.slice(Math.max(0, end - 2), end);
  return /^[\ud800-\udbff][\udc00-\udfff]$/.test(pair) ? pair : text[end - 1];
}

/** `str.split`: at each `separator`, or at runs of whitespace when there is none; at most `most` times unless negative. */
export function split(text: TracedText, separator: string | undefined, most: number, limits: Limits): TracedText[] {
  const units = plain(text);
  const parts: TracedText[] = [];
  const cut = (start: number, end: number): void => {
    limits.spend(COST.string + COST.item * text.length);
    parts.push(slice(text, start, end));
  };
  const isFull = (): boolean => most >= 0 && parts.length >= most;
  if (separator === undefined) {
    const words = new RegExp(`[^${PYTHON_SPACES}]+`, 'g');
    for (let word = words.exec(units); word !== null; word = words.exec(units)) {
      if (isFull()) {
        cut(word.index, units.length);
        break;
      }
      cut(word.index, words.lastIndex);
    }
    return parts;
  }
  let start = 0;
  for (let at = units.indexOf(separator); at >= 0 && !isFull(); at = units.indexOf(separator, start)) {
    cut(start, at);
    start = at + separator.length;
  }
  cut(start, units.length);
  return parts;
}

/** `str.replace`: at most `most` times unless negative. */
export function replace(
  text: TracedText,
  old: string,
  replacement: TracedText,
  most: number,
  limits: Limits,
): TracedText {
  const units = plain(text);
  const places: number[] = [];
  // An empty string is found before every character and at the end.
  const next = (from: number): number => (from > units.length ? -1 : units.indexOf(old, from));
  for (let at = next(0); at >= 0 && (most < 0 || places.length < most); at = next(at + Math.max(1, old.length))) {
    if (old === '' && /^[\udc00-\udfff]/.test(units.slice(at)) && at > 0) continue;
    limits.spend(COST.node);
    places.push(at);
  }
  if (places.length === 0) return text;
  limits.spendText(units.length + places.length * (plain(replacement).length - old.length));
  limits.spend(COST.item * places.length * (text.length + replacement.length));
  const parts: TracedText[] = [];
  let start = 0;
  for (const at of places) {
    parts.push(slice(text, start, at), replacement);
    start = at + old.length;
  }
  parts.push(slice(text, start, units.length));
  return concat(...parts);
}

/** `separator.join(texts)`. */
export function join(texts: readonly TracedText[], separator: TracedText, limits: Limits): TracedText {
  let length = 0;
  for (const text of texts) length += lengthOf(text) + lengthOf(separator);
  limits.spendText(length);
  limits.spend(COST.item * texts.length * (1 + separator.length));
  return concat(...texts.flatMap((text, i) => (i === 0 ? [text] : [separator, text])));
}

export function lengthOf(text: TracedText): number {
  return text.reduce((length, piece) => length + piece.text.length, 0);
}
