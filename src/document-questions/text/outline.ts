/** What a document is made of: sections with headings, paragraphs of whole sentences, and a glossary. */
import { splitSentences } from '../../eval/instructions/text/sentences.ts';
import { type Entry, findGlossary } from './glossary.ts';
import { isProse } from './prose.ts';
import { wordsOf } from './words.ts';

interface Section {
  /** Undefined before the first heading. */
  readonly heading: string | undefined;
  /** Neighbouring sentences of one paragraph; what is not prose parts them. */
  readonly paragraphs: readonly (readonly string[])[];
}

export interface Outline {
  readonly sections: readonly Section[];
  readonly glossary: readonly Entry[];
}

export function readOutline(text: string): Outline {
  const lines = unwrapped(text.split(/\r?\n/))
    .map(bare)
    .filter((line) => line !== '');
  const glossary = findGlossary(lines);
  const sections: { heading: string | undefined; paragraphs: (readonly string[])[] }[] = [
    { heading: undefined, paragraphs: [] },
  ];
  for (const [place, line] of lines.entries()) {
    if (glossary.lines.has(place)) continue;
    const runs = runsOfProse(line);
    if (runs.length > 0) sections.at(-1)!.paragraphs.push(...runs);
    else if (isHeading(line)) sections.push({ heading: line, paragraphs: [] });
  }
  return { sections: sections.filter(({ paragraphs }) => paragraphs.length > 0), glossary: glossary.entries };
}

/** Without the marks of headings; those of a list stay, because its items are none. */
const bare = (line: string): string =>
  line
    .trim()
    .replace(/^(?:#{1,6}|\d{1,3}[.)])\s+/, '')
    .replace(/\*\*|__/g, '')
    .replace(/\s+/g, ' ')
    .trim();

const MAX_WRAPPED = 100;
/** A line of a wrapped paragraph is at least so long, but for the last. */
const MIN_WRAPPED = 45;
const LEAST_LINES = 10;

/** The lines of a file that was broken to fit a page, joined to paragraphs; other lines as they are. */
function unwrapped(lines: readonly string[]): readonly string[] {
  if (lines.length < LEAST_LINES || lines.some((line) => line.length > MAX_WRAPPED)) return lines;
  const joined: string[] = [];
  let goesOn = false;
  for (const line of lines) {
    if (goesOn && /^\S/.test(line)) joined.push(`${joined.pop()} ${line}`);
    else joined.push(line);
    goesOn = line.length >= MIN_WRAPPED && line.length <= MAX_WRAPPED;
  }
  return joined;
}

function runsOfProse(line: string): (readonly string[])[] {
  const runs: string[][] = [];
  let isRunning = false;
  for (const sentence of splitSentences(line)) {
    const goesOn = isProse(sentence);
    if (goesOn && isRunning) runs.at(-1)!.push(sentence);
    else if (goesOn) runs.push([sentence]);
    isRunning = goesOn;
  }
  return runs;
}

const MAX_HEADING_WORDS = 10;

function isHeading(line: string): boolean {
  const words = wordsOf(line).length;
  return /^\p{Lu}[^|=;\t]*[^.!?:;,]$/u.test(line) && words >= 1 && words <= MAX_HEADING_WORDS;
}
