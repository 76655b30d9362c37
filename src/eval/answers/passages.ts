/**
 * Places in a text where an answer stands: boxed, in double square brackets, after the words that announce it. Each
 * finder reads the text once; every repetition in a pattern is bounded, so that no text takes more than linear time.
 */

import type { Span } from './reading.ts';

/** How nouns such as "answer" are tied to what follows: "answer is", "Answer:", "answer to the question would be". */
const TIE =
  '["\'`*_]{0,4}(?:\\s{1,2}(?:to|for|of|in)\\b[^.:=\\n]{0,60}?)?' +
  '(?:\\s{1,3}(?:is|was|are|would be|should be|must be|will be)\\b(?:\\s{1,2}(?:therefore|thus|hence|clearly|then|likely|probably))?\\s{0,3}:?' +
  '|\\s{0,3}(?:[:=]|->|\\u2192)["\'`*_]{0,4})';

/** The same in Chinese and Japanese. */
const EAST_ASIAN_TIE = '["\'`*_」』】]{0,4}\\s{0,3}(?:应该|应当|应)?(?:是|为|為|选|は|が|[:=])["\'`*_]{0,4}:?';

/** Words that turn a statement into its opposite or into a condition, if they stand before it in the same clause. */
const HEDGE =
  /(?:\b(?:not|never|neither|if|whether|unless|cannot|suppose|assume|assuming)\b|n['’]t\b|不能说|不认为|并非|不是|如果|假设)/i;
const CLAUSE_END = /[.,;:!?\n。、，；]/;
const HEDGE_REACH = 60;

/** Words that announce an answer, as parts of regular expressions. */
export interface AnnouncingWords {
  /** Nouns of English. */
  readonly west: readonly string[];
  /** Nouns of Chinese and Japanese, which need no border. */
  readonly east: readonly string[];
  /** Verbs that the answer follows immediately. */
  readonly direct?: readonly string[];
}

export function announcementPattern({ west, east, direct = [] }: AnnouncingWords): RegExp {
  const western = `(?<![\\p{L}\\p{N}])(?:${west.join('|')})${TIE}`;
  const eastern = `(?:${east.join('|')})${EAST_ASIAN_TIE}`;
  return new RegExp([western, eastern, ...direct].join('|'), 'giu');
}

/**
 * From behind each announcement to the end of its line, or of the next line with text if nothing else follows on its
 * own. Announcements that are denied or conditional ("I do not think the answer is") are left out.
 */
export function announced(text: string, pattern: RegExp): Span[] {
  const spans: Span[] = [];
  for (const match of text.matchAll(pattern)) {
    const clause =
      text
        .slice(Math.max(0, match.index - HEDGE_REACH), match.index)
        .split(CLAUSE_END)
        .at(-1) ?? '';
    if (HEDGE.test(clause)) continue;
    const span = restOfLine(text, match.index + match[0].length);
    if (span !== undefined) spans.push(span);
  }
  return spans;
}

/** Characters between an announcement and what it announces, and of what it announces. */
const MAX_GAP = 16;
const MAX_ANNOUNCED = 300;
const DECORATION = /[\s*_`#>$]/;

function restOfLine(text: string, from: number): Span | undefined {
  let start = from;
  while (start < text.length && start < from + MAX_GAP && DECORATION.test(text[start])) start++;
  if (start === text.length) return undefined;
  return { start, end: start + text.slice(start, start + MAX_ANNOUNCED).split('\n', 1)[0].length };
}

/** Contents of every closed `\boxed{...}` without another one inside. */
export function boxed(text: string): Span[] {
  const spans: Span[] = [];
  const open: { readonly start: number; readonly isBox: boolean }[] = [];
  for (const { index, 0: mark } of text.matchAll(/\\(?:boxed|fbox)\s{0,3}\{|\\[{}]|[{}]/g)) {
    if (mark === '}') {
      const group = open.pop();
      // Boxes inside boxes would make the work of reading them quadratic, and say nothing more.
      const isInnermost = group !== undefined && (spans.at(-1)?.start ?? -1) < group.start;
      if (group?.isBox && isInnermost) spans.push({ start: group.start, end: index });
    } else if (mark !== '\\{' && mark !== '\\}') {
      open.push({ start: index + mark.length, isBox: mark.length > 1 });
    }
  }
  return spans;
}

/** Contents of every `[[...]]` of at most 80 characters, the form that FinDAP's prompts ask for. */
export function doubleBracketed(text: string): Span[] {
  return Array.from(text.matchAll(/\[\[([^[\]\n]{1,80})\]\]/g), ({ index, 1: content }) => ({
    start: index + 2,
    end: index + 2 + content.length,
  }));
}

/** Contents of every `<answer>...</answer>`. */
export function tagged(text: string): Span[] {
  const spans: Span[] = [];
  let start: number | undefined;
  for (const { index, 0: tag, 1: slash } of text.matchAll(/<(\/?)answer>/gi)) {
    if (slash === '') start = index + tag.length;
    else if (start !== undefined) {
      spans.push({ start, end: index });
      start = undefined;
    }
  }
  return spans;
}

/** The lines with text, without the whitespace around them. */
export function lines(text: string): Span[] {
  return Array.from(text.matchAll(/\S[^\n]*/g), ({ index, 0: line }) => ({
    start: index,
    end: index + line.trimEnd().length,
  }));
}

const OPENING = /[\s*_`#>"'“”‘’«([{<「『【《$\\]/;
const CLOSING = /[\s*_`"'“”‘’»)\]}>」』】》$\\.,;:!?。、]/;

/** The span without brackets, quotes, marks of Markdown and TeX, and punctuation around it. */
export function bare(text: string, { start, end }: Span): Span {
  let [from, to] = [start, end];
  while (from < to && (OPENING.test(text[from]) || isBullet(text, from))) from++;
  const command = /^(?:text|textbf|textit|mathrm|mathbf)\{/.exec(text.slice(from, Math.min(to, from + 8)));
  if (command !== null) from += command[0].length;
  while (from < to && OPENING.test(text[from])) from++;
  while (to > from && CLOSING.test(text[to - 1])) to--;
  return { start: from, end: to };
}

const isBullet = (text: string, at: number): boolean =>
  text[at] === '-' && (text[at + 1] === ' ' || text[at + 1] === '\t');
