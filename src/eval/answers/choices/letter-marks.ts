/** Where a letter of a multiple-choice question stands by itself, not as part of a word, an article or a number. */

import { UsageError } from '../../../errors.ts';

export interface LetterMark {
  /** One letter, or `several` for "B or C". */
  readonly letter: string | 'several';
  readonly start: number;
  readonly end: number;
}

/** Reads the letter at a position, behind marks such as `**(` and words such as "option". */
export type LetterReader = (text: string, position: number) => LetterMark | undefined;

const DECORATION = '[\\s*_`"\'“”‘’「『【(\\[{$\\\\<:]';
const LEAD = `${DECORATION}{0,8}(?:(?:text|textbf|mathrm)\\{${DECORATION}{0,4})?(?:(?:[Oo]ption|[Cc]hoice|[Aa]nswer|选项|選択肢)${DECORATION}{0,4})?`;
/** What joins letters that are all meant. */
const JOIN = '[)\\]*_"\'.]{0,4}\\s{0,3}(?:,|，|/|&|and\\b|or\\b|、|或|和|及|と|か)\\s{0,3}[(\\[*_"\']{0,4}';
/** What may follow a letter that could also be an article, a pronoun or a number. */
const CONTINUATION =
  /^\s{1,3}(?:because|since|as|for|due|which|given|is|and|or)\b|^\s{0,3}(?:[^\s\p{L}\p{N}%]|$)|^\s{0,3}\n|^\p{sc=Han}|^\p{sc=Hiragana}|^\p{sc=Katakana}/u;

export function letterReader(letters: readonly string[]): LetterReader {
  const any = letterAlternatives(letters);
  const here = new RegExp(`${LEAD}(${any})`, 'yu');
  const more = new RegExp(`${JOIN}(${any})(?![\\p{L}\\p{N}]|\\s{1,2}(?:is|was|are|would|cannot)\\b)`, 'yu');
  return (text, position) => {
    here.lastIndex = position;
    const match = here.exec(text);
    if (match === null) return undefined;
    const [end, letter] = [position + match[0].length, match[1]];
    if (!standsAlone(letter, text.slice(end, end + 8))) return undefined;
    more.lastIndex = end;
    const next = more.exec(text);
    const isSeveral = next !== null && next[1] !== letter;
    return { letter: isSeveral ? 'several' : letter, start: end - letter.length, end };
  };
}

/** The letters as alternatives of a regular expression. Throws a `UsageError` for what cannot name a choice. */
export function letterAlternatives(letters: readonly string[]): string {
  const isWrong =
    letters.length === 0 || letters.length > 64 || letters.some((letter) => !/^[\p{L}\p{N}]{1,2}$/u.test(letter));
  if (isWrong || new Set(letters).size < letters.length) {
    throw new UsageError({
      field: 'letters',
      found: JSON.stringify(letters).slice(0, 100),
      expected: '1 to 64 different names of one or two letters or digits',
      fix: "Name choices like ['A', 'B', 'C', 'D'].",
    });
  }
  return [...letters].sort((a, b) => b.length - a.length).join('|');
}

function standsAlone(letter: string, rest: string): boolean {
  if (/^(?:では(?:な|あ)|じゃな|不(?:对|是|正))/.test(rest)) return false;
  if (/^[ぁ-んァ-ヶ一-龠]/u.test(letter)) return !/^[ァ-ヶー]/u.test(rest);
  if (/^(?:[\p{sc=Latin}\p{N}_+%]|['’]\p{L}|[-.,&]\p{N}|-\p{L})/u.test(rest)) return false;
  return !/^(?:[AI]|\d+)$/.test(letter) || CONTINUATION.test(rest);
}
