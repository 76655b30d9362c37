/** Sentences of a clean text: lines, and what ends in a full stop that no number, abbreviation or option has. */

import type { Span } from '../reading.ts';

const STOP = /[.!?]+["'”’)\]]{0,2}(?=\s|$|\[\d)|[。！？!?]/g;
const ABBREVIATION =
  /(?:(?<![\p{L}\d])(?:i\.e|e\.g|approx|vs|Rs|Tsd|Mio|Mrd|mio|mrd|mld|tys|No|Nr|ca|Inc|Corp|Ltd|Co|U\.S|resp|Fig|fig|cf|Dr|Mr|Mrs|St|bzw|z\.B|p\.a|pct|Eq|eq|est|avg|[A-Za-z])|^\s{0,8}\(?\d{1,3})$/u;
const ABBREVIATION_LENGTH = 12;

export function sentences(text: string): Span[] {
  const spans: Span[] = [];
  for (const { index: lineStart, 0: line } of text.matchAll(/[^\n]+/g)) {
    let start = 0;
    for (const { index, 0: stop } of line.matchAll(STOP)) {
      const before = line.slice(Math.max(start, index - ABBREVIATION_LENGTH), index);
      if (stop === '.' && index + 1 < line.length && ABBREVIATION.test(before)) continue;
      push(spans, text, lineStart + start, lineStart + index + stop.length);
      start = index + stop.length;
    }
    push(spans, text, lineStart + start, lineStart + line.length);
  }
  return spans;
}

function push(spans: Span[], text: string, start: number, end: number): void {
  if (/\S/.test(text.slice(start, end))) spans.push({ start, end });
}
