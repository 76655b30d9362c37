/** Prompts and answers on a page: as they are, but that nothing in them can hide or turn the writing round. */
import { formatCount } from '../../observe/numbers.ts';
import { type Markup, markup } from '../../report/markup.ts';
import type { Excerpt } from './summary.ts';

/** Controls, formatting characters and lone surrogates, but for line breaks and the joiners that scripts and emoji need. */
const HIDDEN = /(?![\n\u200c\u200d])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Surrogate}]/gu;

/** An excerpt with hidden characters in sight and a note where something was left out. */
export function excerptMarkup({ start, omitted, end }: Excerpt): Markup {
  const note = markup`<span class="cut">[${formatCount(omitted)} characters left out]</span>`;
  return markup`${withCodes(start)}${omitted > 0 && note}${withCodes(end)}`;
}

function withCodes(text: string): Markup[] {
  const parts: Markup[] = [];
  let last = 0;
  for (const match of text.matchAll(HIDDEN)) {
    parts.push(markup`${text.slice(last, match.index)}<span class="code">${pictureOf(match[0])}</span>`);
    last = match.index + match[0].length;
  }
  return [...parts, markup`${text.slice(last)}`];
}

/** `␛` for controls of ASCII, `⇥` for tabs, `U+202E` for the rest. */
function pictureOf(character: string): string {
  if (character === '\t') return '\u21e5';
  const code = character.codePointAt(0)!;
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  return code === 0x7f ? '\u2421' : `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

/** A name, label or message of strangers in one line of a page: cut where it is long, isolated from the writing around. */
export function named(text: string, most = 80): Markup {
  return markup`<bdi>${brief(text, most)}</bdi>`;
}

export function brief(text: string, most: number): string {
  const line = text.slice(0, 4 * most).replace(/\s+/gu, ' ');
  return line.length <= most ? line : `${line.slice(0, most - 1)}\u2026`;
}
