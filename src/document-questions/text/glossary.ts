/** Lists of terms with what they mean, in the two forms that textbooks and manuals have. */
import { wordsOf } from './words.ts';

export interface Entry {
  readonly term: string;
  readonly definition: string;
}

/** Fewer than this could be anything: a note, two people talking. */
const LEAST_ENTRIES = 3;
const MAX_TERM_WORDS = 6;
const MIN_DEFINITION_WORDS = 4;

interface Glossary {
  readonly entries: readonly Entry[];
  /** Places of the lines that are part of it. */
  readonly lines: ReadonlySet<number>;
}

export function findGlossary(lines: readonly string[]): Glossary {
  const found: Entry[] = [];
  const taken = new Set<number>();
  for (let at = 0; at < lines.length; ) {
    const [entries, length] = [inLines(lines, at), inPairs(lines, at)].sort(([a], [b]) => b.length - a.length)[0];
    if (entries.length >= LEAST_ENTRIES) {
      found.push(...entries);
      for (let line = at; line < at + length; line++) taken.add(line);
      at += length;
    } else at++;
  }
  return { entries: found, lines: taken };
}

type Run = readonly [entries: readonly Entry[], lines: number];

/** `Term: what it means`, line after line. A person who speaks comes again, a term does not. */
function inLines(lines: readonly string[], from: number): Run {
  const entries: Entry[] = [];
  const seen = new Set<string>();
  for (let at = from; at < lines.length; at++) {
    const [, term = '', definition = ''] = /^(?:[-*•] )?([^:–—]{2,60})(?::| [–—-]) (.+)$/u.exec(lines[at]) ?? [];
    if (!isTerm(term) || !explains(definition) || seen.has(term)) break;
    seen.add(term);
    entries.push({ term, definition });
  }
  return [entries, entries.length];
}

/** A line with the term, a line with the definition, in the order of the alphabet. */
function inPairs(lines: readonly string[], from: number): Run {
  const entries: Entry[] = [];
  for (let at = from; at + 1 < lines.length; at += 2) {
    const [term, definition] = [lines[at], lines[at + 1]];
    const before = entries.at(-1)?.term;
    const isNext = before === undefined || sortKey(before) <= sortKey(term);
    if (!isTerm(term) || !explains(definition) || definition.length <= term.length || !isNext) break;
    entries.push({ term, definition });
  }
  return [entries, 2 * entries.length];
}

const sortKey = (term: string): string => term.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '');

function isTerm(text: string): boolean {
  const words = wordsOf(text).length;
  return /^[\p{L}\p{N}][^.!?;:"“”]*$/u.test(text) && words >= 1 && words <= MAX_TERM_WORDS;
}

/** A definition goes on where its term ended; a sentence of a text begins anew. */
function explains(text: string): boolean {
  return (
    /^(?:\p{Ll}|An? |The |Any |\()/u.test(text) && !text.endsWith('?') && wordsOf(text).length >= MIN_DEFINITION_WORDS
  );
}
