import type { Span } from '../reading.ts';
import { SCALE_WORD } from './scales.ts';

const MONTH =
  '(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?|Januar|Februar|März|Mai|Juni|Juli|Oktober|Dezember|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre)\\.?';
const YEAR = '(?:19|20)\\d\\d';

/** Dates, times of day, fiscal periods and spans of years; a lone year is for its context to tell. */
const DATE = new RegExp(
  [
    // "$1962.8 thousand" is an amount.
    `(?<![\\d.,]|\\p{Sc} ?)${YEAR}[-/.](?:1[0-2]|0?[1-9])(?:[-/.](?:3[01]|[12]\\d|0?[1-9]))?(?![\\d.,%]| ?(?:${SCALE_WORD}))(?![-/]\\d)`,
    `(?<![\\d.,/])(?:3[01]|[12]\\d|0?[1-9])([./])(?:3[01]|[12]\\d|0?[1-9])\\1${YEAR}(?!\\d)`,
    '(?<![\\d.,/])(?:3[01]|[12]\\d|0?[1-9])/(?:3[01]|[12]\\d|0?[1-9])/\\d\\d(?![\\d/])',
    `(?<!\\p{L})${MONTH} (?:\\d{1,2}(?:st|nd|rd|th)?(?:, ?${YEAR})?(?![\\d.%])|${YEAR}(?!\\d))`,
    `(?<![\\d.,])\\d{1,2}\\.? (?:de )?${MONTH}(?!\\p{L})(?:,? (?:de )?${YEAR})?`,
    `(?<![\\d.,])${YEAR}[ ]?(?:[-–/~〜]|to|through|until|bis|至|から)[ ]?(?:${YEAR}|\\d\\d)(?![\\d.,%]|[ ]?[%\\p{L}])`,
    '(?<![A-Za-z])(?:FY|CY|[1-4]?[QH][1-4]?)[ -]?(?:19|20)?\\d\\d(?!\\d)(?:/\\d\\d)?',
    `(?<![A-Za-z])[QH][1-4](?:[ -]?(?:FY)?(?:${YEAR}|['’]?\\d\\d(?!\\d)))?(?![\\d.,%])`,
    `(?<![A-Za-z\\d])[1-4][QH](?: ?${YEAR}| ?\\d\\d)?(?![\\d.A-Za-z])`,
    '(?<!\\d)\\d{2,4}[ ]?年度?(?:[ ]?\\d{1,2}月(?:期|末|\\d{1,2}日)?)?|(?<!\\d)\\d{1,2}月(?:期|末|\\d{1,2}日)?|第[ ]?\\d四半期',
    '(?<![\\d.,:])(?:[01]?\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d)?(?![\\d:]| ?%)',
  ].join('|'),
  'gu',
);

export const dateSpans = (text: string): Span[] =>
  Array.from(text.matchAll(DATE), ({ index, 0: found }) => ({ start: index, end: index + found.length }));
