/**
 * English sentences by the decisions of Punkt (Kiss & Strunk, Computational Linguistics 32, 2006): a full stop
 * ends a sentence unless it belongs to an abbreviation, an initial or an ellipsis; and even that ends one if the next
 * word is a usual word that is capitalised without another reason. Punkt learns abbreviations and usual words from a
 * corpus; here both are short lists. A line break ends nothing by itself.
 */
import { SPACE } from './python-text.ts';

const ABBREVIATIONS = new Set(
  `adm al approx apr aug ave blvd bros capt cf cmdr co col corp cos dec dept dr e.g eds esp est etc ext feb fig figs fri
   ft gen gov hon hr hrs i.e inc jan jr jul jun lt ltd maj mar messrs min mon mr mrs ms mt no nov nr oct op p.a p.m a.m
   ph.d b.sc m.sc m.d b.a m.a pp pres prof rep reps rev sat sec sen sep sept sgt sr st sun thu thurs tue tues u.k u.n u.s
   u.s.a d.c univ viz vol vols vs wed yr yrs`.split(/\s+/),
);

/** Words that are capitalised for no other reason than that they begin a sentence. */
const STARTERS = new Set(
  `a about above after again all also although an and another any are as at because before both but by can could did do
   does during each even every finally first for from had has have he her here his how however i if in indeed instead into
   is it its just last later many maybe meanwhile more moreover most much my never next no nobody nor not nothing now of on
   once one only or other others our over people perhaps please since so some someone something sometimes soon still such
   that the their then there these they thing this those though through thus to today together too under unfortunately
   until we well were what when where whether which while who why will with without would yes yet you your`.split(
    /\s+/,
  ),
);

const word = new RegExp(`[^${SPACE}]+`, 'gu');
const NUMBER = /^[-.,]?\d[\d,.-]*$/;
const CLOSING = /^["')\]}”’]*$/;
/** What may follow a mark at once and still let it end a sentence. */
const AFTER = `)";}]*:@'({[!?”’`;
/** What separates the last part of a word from what stands before it, as in `(vs.` or `"No.`. */
const SEPARATORS = `("\`{[:;&#*@)}],?!'`;

export function countSentences(text: string): number {
  const sentences = splitSentences(text);
  const last = sentences.at(-1)?.match(word)?.at(-1);
  if (last === undefined) return 0;
  return sentences.length + (endsSentence(last, undefined) ? 1 : 0);
}

/** The sentences of a text, without the white space between them. */
export function splitSentences(text: string): readonly string[] {
  const sentences: string[] = [];
  let start = 0;
  let previous: RegExpExecArray | undefined;
  for (const current of text.matchAll(word)) {
    if (previous === undefined) start = current.index;
    else if (endsSentence(previous[0], current[0])) {
      sentences.push(text.slice(start, previous.index + previous[0].length));
      start = current.index;
    }
    previous = current;
  }
  if (previous !== undefined) sentences.push(text.slice(start, previous.index + previous[0].length));
  return sentences;
}

/** Whether a sentence ends in this word, with something left for the next sentence. */
function endsSentence(current: string, next: string | undefined): boolean {
  const mark = lastMark(current, next !== undefined);
  if (mark < 0) return false;
  const rest = current.slice(mark + 1);
  // Quotes and brackets still belong to the sentence that they close.
  if (next === undefined && CLOSING.test(rest)) return false;
  return current[mark] !== '.' || stopEnds(current.slice(0, mark), rest === '' ? next! : rest, rest === '');
}

/** The last mark of a word that something follows; -1 if there is none. */
function lastMark(text: string, followed: boolean): number {
  for (let at = text.length - 1; at >= 0; at -= 1) {
    if (!'.?!'.includes(text[at]!)) continue;
    if (at === text.length - 1 ? followed : AFTER.includes(text[at + 1]!)) return at;
  }
  return -1;
}

/** Whether the full stop between these two ends a sentence. `spaced`: with white space after it. */
function stopEnds(before: string, after: string, spaced: boolean): boolean {
  let start = before.length;
  while (start > 0 && !SEPARATORS.includes(before[start - 1]!)) start -= 1;
  const token = before.slice(start).toLowerCase();
  if (NUMBER.test(token)) return !/^[\p{Ll}.,;:!?]/u.test(after);
  const mayGoOn =
    // An ellipsis.
    token.endsWith('.') ||
    // An initial.
    /^\p{L}$/u.test(token) ||
    ABBREVIATIONS.has(token) ||
    ABBREVIATIONS.has(token.slice(token.lastIndexOf('-') + 1));
  return !mayGoOn || (spaced && isCapitalisedStarter(after));
}

function isCapitalisedStarter(text: string): boolean {
  const word = /^\p{Lu}\p{L}*/u.exec(text)?.[0];
  return word !== undefined && STARTERS.has(word.toLowerCase());
}
