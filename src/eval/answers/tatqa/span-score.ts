/**
 * Scores of answers that are sets of texts, as DROP (Dua et al., NAACL 2019) and TAT-QA (Zhu et al., ACL 2021) score them:
 * bags of words, aligned one to one for the greatest sum of F1.
 */

import { exactText } from '../../../generate/tools/calculator/decimal.ts';
import { readNumber } from '../numeric/read-number.ts';
import { visibleText } from '../visible-text.ts';
import { bestAssignment } from './assignment.ts';

export interface SpanScore {
  /** 1 where both are the same set of texts. */
  readonly exactMatch: 0 | 1;
  /** From 0 to 1. */
  readonly f1: number;
}

/** More predicted spans than this are no answer; alignment is cubic. */
const MAX_SPANS = 64;
/** UTF-16 units of a span that are looked at; words beyond count as missing. */
const MAX_SPAN = 2_000;

export function scoreSpans(predicted: readonly string[], gold: readonly string[]): SpanScore {
  if (predicted.length === 0 || gold.length === 0 || Math.max(predicted.length, gold.length) > MAX_SPANS) {
    return { exactMatch: 0, f1: 0 };
  }
  const [found, wanted] = [predicted, gold].map((texts) => texts.map((text) => wordsOf(text)));
  const texts = (bags: readonly (readonly string[])[]): string =>
    JSON.stringify(bags.map((words) => words.join(' ')).toSorted());
  const gains = wanted.map((goldWords) => found.map((words) => bagF1(words, goldWords)));
  const total = bestAssignment(gains).reduce((sum, column, row) => sum + (column < 0 ? 0 : gains[row][column]), 0);
  return { exactMatch: texts(found) === texts(wanted) ? 1 : 0, f1: total / Math.max(found.length, wanted.length) };
}

/** F1 of the words that two bags share; numbers must be shared if the gold bag has any, as in DROP. */
function bagF1(predicted: readonly string[], gold: readonly string[]): number {
  const [found, wanted] = [new Set(predicted), new Set(gold)];
  const numbers = gold.filter((word) => /\d/.test(word));
  if (numbers.length > 0 && !numbers.some((number) => found.has(number))) return 0;
  const shared = [...found].filter((word) => wanted.has(word)).length;
  if (shared === 0) return found.size === wanted.size && found.size === 0 ? 1 : 0;
  return (2 * shared) / (found.size + wanted.size);
}

const ARTICLES = new Set(['a', 'an', 'the']);

/** Lower case, no articles, no punctuation around words, numbers in one form: "$1,234.50" is 1234.5. */
export function wordsOf(text: string): string[] {
  const words = text
    .slice(0, MAX_SPAN)
    .normalize('NFKC')
    .toLowerCase()
    .split(/[\s–—]+|(?<=\p{L})-(?=\p{L})/u);
  return words.map(normalWord).filter((word) => word !== '' && !ARTICLES.has(word));
}

function normalWord(word: string): string {
  const bare = word.replace(/^[^\p{L}\p{N}.(+-]{1,20}|[^\p{L}\p{N}%)]{1,20}$/gu, '');
  if (/\p{N}/u.test(bare)) {
    const reading = readNumber(bare);
    const value =
      reading.ok && reading.value.scale.numerator === reading.value.scale.denominator
        ? exactText(reading.value.value)
        : undefined;
    if (value !== undefined && reading.ok) return reading.value.unit === 'percent' ? `${value}%` : value;
  }
  return word.replace(/[^\p{L}\p{N}]/gu, '');
}

/** The spans that an answer lists: a JSON array of texts, or lines, or what stands between semicolons. */
export function spansOf(answer: string): readonly string[] {
  const visible = visibleText(answer);
  if (!visible.ok) return [];
  const text = visible.text.replace(/^\s*(?:final )?answers?\s{0,3}(?:is|are)?\s{0,3}[:=]/i, '').trim();
  const listed = jsonList(text) ?? text.split(text.includes('\n') ? /\n+/ : /;/);
  return listed
    .map((span) => span.replace(/^\s{0,40}(?:[-*•]|\d{1,2}[.)])\s{1,40}/, '').trim())
    .filter((span) => span !== '');
}

function jsonList(text: string): readonly string[] | undefined {
  if (!text.startsWith('[') || !text.endsWith(']')) return undefined;
  try {
    const parsed: unknown = JSON.parse(text);
    const isList =
      Array.isArray(parsed) && parsed.every((item) => typeof item === 'string' || typeof item === 'number');
    return isList ? parsed.map(String) : undefined;
  } catch {
    return undefined;
  }
}
