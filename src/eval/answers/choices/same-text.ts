import { bare } from '../passages.ts';
import type { Span } from '../reading.ts';

/** Whether a part of a text says a choice's text, apart from case, whitespace, and marks and punctuation around it. */
export function sameText(choice: string, text: string, span: Span): boolean {
  const { start, end } = bare(text, span);
  // Whitespace aside both are equally long: what is much longer is not compared.
  if (end - start > 2 * choice.length + 64) return false;
  const plain = plainWords(choice);
  return plain !== '' && plainWords(text.slice(start, end)) === plain;
}

function plainWords(text: string): string {
  const { start, end } = bare(text, { start: 0, end: text.length });
  return text.slice(start, end).normalize('NFKC').replace(/\s+/g, ' ').toLowerCase();
}
