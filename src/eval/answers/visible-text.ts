/** An answer without the thoughts before it, in characters that are written one way only. */

import { type ReadingOptions, type Unparsed, unparsed } from './reading.ts';

export interface VisibleText {
  readonly ok: true;
  /** As long as the raw text: positions in one are positions in the other. */
  readonly text: string;
}

/** Tags around thoughts, as Qwen, DeepSeek and others write them. */
const TAG = /<(\/?)(?:think|thinking|thought|reasoning)>/gi;

/** Full-width forms of ASCII, and spaces that are not U+0020. The comma separates clauses, except between such digits. */
const VARIANTS =
  /[\uff01-\uff0b\uff0d-\uff5e\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]|(?<=[\uff10-\uff19])\uff0c(?=[\uff10-\uff19])/g;

/**
 * The raw text with every thought replaced by as many line feeds, so that all positions stay. A thought goes from its
 * tag to the closing one; a closing tag without an opening one ends a thought that the prompt has begun. Unparsed where
 * a thought does not end, where nothing is left, or where a strict reading is asked of an answer that was cut off.
 */
export function visibleText(
  raw: string,
  { mode = 'strict', isCutOff = false }: ReadingOptions = {},
): VisibleText | Unparsed {
  const text = withoutThoughts(raw);
  if (text === undefined || (isCutOff && mode === 'strict')) return unparsed('truncated');
  if (text.trim() === '') return unparsed(isCutOff ? 'truncated' : 'empty');
  return { ok: true, text: text.replace(VARIANTS, plainForm) };
}

function withoutThoughts(raw: string): string | undefined {
  const pieces: string[] = [];
  let copied = 0;
  let thoughtStart: number | undefined;
  for (const tag of raw.matchAll(TAG)) {
    if (tag[1] === '') {
      thoughtStart ??= tag.index;
      continue;
    }
    // Without an opening tag only the first closing one ends a thought: that of the prompt.
    if (thoughtStart === undefined && copied > 0) continue;
    const start = thoughtStart ?? 0;
    const end = tag.index + tag[0].length;
    pieces.push(raw.slice(copied, start), '\n'.repeat(end - start));
    copied = end;
    thoughtStart = undefined;
  }
  if (thoughtStart !== undefined) return undefined;
  pieces.push(raw.slice(copied));
  return pieces.join('');
}

function plainForm(character: string): string {
  const code = character.charCodeAt(0);
  return code >= 0xff01 && code <= 0xff5e ? String.fromCharCode(code - 0xff01 + 0x21) : ' ';
}
