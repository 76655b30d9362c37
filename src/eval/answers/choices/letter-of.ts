/**
 * The letter that answers a multiple-choice question. Letters count only where an answer stands: a text that happens to
 * hold "A" or "c" says nothing.
 */

import { announced, announcementPattern, bare, boxed, doubleBracketed, lines, tagged } from '../passages.ts';
import { type Reading, type ReadingOptions, readAt, type Span, settled, unparsed } from '../reading.ts';
import { visibleText } from '../visible-text.ts';
import { isDenied } from './denial.ts';
import { type LetterMark, letterAlternatives, letterReader } from './letter-marks.ts';
import { sameText } from './same-text.ts';

export interface LetterOptions extends ReadingOptions {
  /** Texts of the choices, one for each letter: then "B. Net income" and, leniently, "Net income" are answers too. */
  readonly texts?: readonly string[];
}

const ANNOUNCEMENT = announcementPattern({
  west: ['answer', 'selection', 'choice', 'option'],
  east: ['答案', '答え', '答', '正解', '回答', '解答', '选项', '选择', '結論', '结论'],
  direct: ['(?:(?<![\\p{L}\\p{N}])|故|应|应该|本题|所以|因此|我)选(?:择)?'],
});

/** What draws a conclusion, right before a letter. */
const CONCLUSION =
  '(?:(?<![\\p{L}\\p{N}])(?:[Ss]o|[Tt]herefore|[Tt]hus|[Hh]ence|[Ll]eaving|[Ll]eaves|(?:I|we)\\s(?:would\\s|will\\s)?(?:choose|pick|select|go\\swith)),?' +
  '(?:\\s(?:it\\s(?:is|must\\sbe)|only|option|choice)){0,2}\\s{1,3}|(?<![\\p{L}\\p{N}])[Ii]t\\s(?:must|has\\sto)\\sbe\\s{1,3}' +
  '|(?:所以|因此|故|剩下|よって|したがって|ので|から)[、，,]?\\s{0,3})';
/** Where the letter ends the sentence, or its reason follows. */
const CONCLUSION_END =
  '[)\\]*_"\']{0,4}(?=\\s{0,3}(?:[.!。！\\n]|(?:です|だ|である|になる|となる)[。.]|$)|,?\\s{1,2}(?:because|since|as)\\b)';

/** Marks beyond so many are not weighed one by one. */
const MOST_WEIGHED = 100;
const LED = /^[)\]*]{0,3}[.):]/;
const PREDICATE = /^[)\]*]{0,3}\s{0,2}(?:(?:is|are|was|were|cannot|can['’]t|would|seems)\b|は|が|太|不|是)/;
const REJECTED =
  /^[)\]*]{0,3}\s{0,2}(?:(?:is|are|was|were|seems)\s(?:too|wrong|incorrect|false|out|not|ruled|impossible|irrelevant)\b|cannot\b|太|不对|错|错误|は(?:誤り|不正解|違い|間違い))/;

/**
 * The letter, upper case as in `letters`. Strict places are, the first kind that has letters deciding: `<answer>`,
 * `\boxed{}`, `[[ ]]`; a statement ("answer is B", "Selection: B", "B is the correct answer", "正解はB"); the whole answer
 * ("B", "(B).", "B. Net income" with its text). Lenient adds: the last of several statements, a letter in lower case as
 * the whole answer, the letter that a sentence concludes with ("(B) is too early, so (A)"), lines that are a letter or begin
 * with "B." and agree, "(B)" where no other letter is so marked and not rejected, and the text of a choice alone. Throws a `UsageError` for letters that cannot be told apart, never because of the text.
 */
export function letterOf(answer: string, letters: readonly string[], options: LetterOptions = {}): Reading<string> {
  const search = new LetterSearch(letters, options.texts);
  const visible = visibleText(answer, options);
  if (!visible.ok) return visible;
  const strict = search.strict(visible.text);
  const reading = strict.ok || options.mode !== 'lenient' ? strict : search.lenient(visible.text, strict);
  return settled(reading, visible.text, options);
}

class LetterSearch {
  readonly #letters: readonly string[];
  readonly #texts: readonly string[];
  readonly #read: (text: string, position: number) => LetterMark | undefined;
  readonly #asserted: RegExp;
  readonly #marked: RegExp;
  readonly #concluded: RegExp;

  constructor(letters: readonly string[], texts: readonly string[] = []) {
    const any = letterAlternatives(letters);
    this.#letters = letters;
    this.#texts = texts;
    this.#read = letterReader(letters);
    this.#asserted = new RegExp(
      `(?<=(?:^|\\n|[.;:!?,。，；：]\\s{0,2})[(*"']{0,3}|(?:[Oo]ption|[Cc]hoice|[Aa]nswer|[Tt]hus|[Ss]o|[Hh]ence)\\s[(*"']{0,3}|选项|所以|因此|故)(${any})[)\\]*"']{0,4}(?:\\s{1,2}is\\s{1,2}(?:the|my|our)?\\s{0,2}(?:final|best|single)?\\s{0,2}` +
        '(?:correct|right|answer|choice)\\b|\\s{0,2}(?:が|は)?(?:正解|正しい)|\\s{0,2}(?:是|为)?正确)',
      'gu',
    );
    this.#marked = new RegExp(
      `(?<![\\p{L}\\p{N}])(?:\\((${any})\\)|(?:[Oo]ption|[Cc]hoice)\\s(${any})(?![\\p{L}\\p{N}]))`,
      'gu',
    );
    this.#concluded = new RegExp(`${CONCLUSION}[(\\[*_"']{0,4}(${any})${CONCLUSION_END}`, 'gu');
  }

  strict(text: string): Reading<string> {
    const enclosed = [tagged, boxed, doubleBracketed].map((find) => () => this.#enclosed(text, find(text)));
    for (const find of [...enclosed, () => this.#stated(text), () => this.#whole(text)]) {
      const marks = find();
      if (marks.length > 0) return agreed(marks);
    }
    return unparsed('missing');
  }

  lenient(text: string, strict: Reading<string>): Reading<string> {
    const last = this.#stated(text).findLast(({ letter }) => letter !== 'several');
    if (!strict.ok && strict.reason === 'ambiguous') {
      return last === undefined ? strict : readAt(last.letter, last.start, last.end);
    }
    for (const find of [this.#lowerCase, this.#conclusions, this.#leading, this.#onlyMarked, this.#byText]) {
      const marks = find.call(this, text);
      if (marks.length > 0) return agreed(marks);
    }
    return strict;
  }

  /** Letters that are all of what is enclosed. */
  #enclosed(text: string, spans: readonly Span[]): LetterMark[] {
    return spans.flatMap((span) => this.#alone(text, span));
  }

  #stated(text: string): LetterMark[] {
    const marks = announced(text, ANNOUNCEMENT).flatMap(({ start }) => this.#read(text, start) ?? []);
    for (const { index, 1: letter } of text.matchAll(this.#asserted)) {
      marks.push({ letter, start: index, end: index + letter.length });
    }
    return marks.sort((a, b) => a.start - b.start);
  }

  #whole(text: string): LetterMark[] {
    const all = { start: 0, end: text.length };
    const alone = this.#alone(text, all);
    return alone.length > 0 ? alone : this.#withText(text, bare(text, all));
  }

  #alone(text: string, span: Span): LetterMark[] {
    const { start, end } = bare(text, span);
    const found = text.slice(start, Math.min(end, start + 3));
    return this.#letters.includes(found) && end - start === found.length ? [{ letter: found, start, end }] : [];
  }

  /** "B. Net income", where the text is that of B; with the text of another choice it is several. */
  #withText(text: string, { start, end }: Span): LetterMark[] {
    const mark = this.#read(text, start);
    const rest =
      mark === undefined ? undefined : /^[)\]*]{0,3}(?:[.):]|\s-)\s{0,3}/.exec(text.slice(mark.end, mark.end + 10));
    if (mark === undefined || rest === null || rest === undefined) return [];
    const choice = this.#choiceOf(text, { start: mark.end + rest[0].length, end });
    if (choice === undefined) return [];
    return [choice === mark.letter ? mark : { ...mark, letter: 'several' }];
  }

  #choiceOf(text: string, span: Span): string | undefined {
    const fitting = this.#letters.filter(
      (_, index) => index < this.#texts.length && sameText(this.#texts[index], text, span),
    );
    return fitting.length === 1 ? fitting[0] : undefined;
  }

  #lowerCase(text: string): LetterMark[] {
    const { start, end } = bare(text, { start: 0, end: text.length });
    const letter = end - start > 2 ? undefined : text.slice(start, end).toUpperCase();
    return letter !== undefined && this.#letters.includes(letter) ? [{ letter, start, end }] : [];
  }

  /** What a sentence ends with that draws a conclusion; the last sentence that does. */
  #conclusions(text: string): LetterMark[] {
    let last: LetterMark[] = [];
    for (const { index, 0: all, 1: letter } of text.matchAll(this.#concluded)) {
      const start = index + all.lastIndexOf(letter);
      last = [{ letter, start, end: start + letter.length }];
    }
    return last;
  }

  #leading(text: string): LetterMark[] {
    return lines(text).flatMap((line) => {
      const alone = this.#alone(text, line);
      if (alone.length > 0) return alone;
      const mark = this.#read(text, line.start);
      const isLed = mark !== undefined && LED.test(text.slice(mark.end, mark.end + 4));
      // "(B) is too early" says something of B.
      return isLed && !PREDICATE.test(text.slice(mark.end, mark.end + 12)) ? [mark] : [];
    });
  }

  #onlyMarked(text: string): LetterMark[] {
    const marks = Array.from(text.matchAll(this.#marked), ({ index, 0: all, 1: inside, 2: after }) => {
      const letter = inside ?? after;
      const start = index + all.lastIndexOf(letter);
      return { letter, start, end: start + letter.length };
    });
    if (marks.length > MOST_WEIGHED || new Set(marks.map(({ letter }) => letter)).size < 2) return marks;
    const names = new Map(this.#letters.map((letter) => [letter.toLowerCase(), letter]));
    const left = marks.filter(
      (mark) => !isDenied(text, mark, names) && !REJECTED.test(text.slice(mark.end, mark.end + 24)),
    );
    return left.length > 0 ? left : marks;
  }

  #byText(text: string): LetterMark[] {
    const places = [{ start: 0, end: text.length }, ...announced(text, ANNOUNCEMENT)];
    return places.flatMap((place) => {
      const { start, end } = bare(text, place);
      const letter = this.#choiceOf(text, { start, end });
      return letter === undefined ? [] : [{ letter, start, end }];
    });
  }
}

function agreed(marks: readonly LetterMark[]): Reading<string> {
  const last = marks[marks.length - 1];
  const isOne = last.letter !== 'several' && marks.every(({ letter }) => letter === last.letter);
  return isOne ? readAt(last.letter, last.start, last.end) : unparsed('ambiguous');
}
