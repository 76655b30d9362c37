/** The value of digits with separators between them, and what a text shows about which separator is which. */

import { powerOfTen } from '../../../generate/tools/calculator/decimal.ts';
import { type Rational, rational } from '../../../generate/tools/calculator/rational.ts';

/** `continental`: the point groups and the comma is decimal. */
export type Convention = 'default' | 'continental';

export interface Digits {
  readonly value: Rational;
  readonly decimals: number;
}

/** Longer runs of digits are no amounts, and quadratic to convert. */
const MAX_DIGITS = 400;

const GROUPS_OF_THREE = /^\d{1,3}(?:,\d{3})+$/;
const INDIAN_GROUPS = /^\d{1,2}(?:,\d{2})+,\d{3}$/;

/** The value of `written`, ASCII digits with `. , ' ’ _` and spaces inside, or undefined where separators contradict. */
export function readDigits(written: string, convention: Convention): Digits | undefined {
  if (written.length > MAX_DIGITS) return undefined;
  const decimal = decimalSeparator(written, convention);
  const at = decimal === undefined ? written.length : written.lastIndexOf(decimal);
  const [whole, fraction] = [written.slice(0, at), written.slice(at + 1)];
  const grouped = whole.replace(/[.'’_ ]/g, ',');
  const marks = new Set(whole.replace(/\d/g, '').replaceAll('’', "'"));
  const isWhole = /^\d*$/.test(whole) || (marks.size === 1 && isGrouped(grouped, marks.has(',')));
  if (!isWhole || !/^\d*$/.test(fraction) || (whole === '' && fraction === '')) return undefined;
  const mantissa = BigInt(whole.replace(/\D/g, '') + fraction);
  return { value: rational(mantissa, powerOfTen(fraction.length)), decimals: fraction.length };
}

const isGrouped = (whole: string, isComma: boolean): boolean =>
  GROUPS_OF_THREE.test(whole) || (isComma && INDIAN_GROUPS.test(whole));

function decimalSeparator(written: string, convention: Convention): '.' | ',' | undefined {
  const [points, commas] = [count(written, '.'), count(written, ',')];
  if (points > 0 && commas > 0) return written.lastIndexOf('.') > written.lastIndexOf(',') ? '.' : ',';
  if (points + commas !== 1) return undefined;
  const separator = points === 1 ? '.' : ',';
  const grouping = convention === 'continental' ? '.' : ',';
  return separator === grouping && /^[1-9]\d{0,2}[.,]\d{3}$/.test(written) ? undefined : separator;
}

const count = (text: string, character: string): number => text.split(character).length - 1;

/** What one number shows by itself: nothing where it can be read both ways. */
export function evidenceOf(written: string): Convention | undefined {
  if (readDigits(written, 'default') === undefined) return undefined;
  const [points, commas] = [count(written, '.'), count(written, ',')];
  if (points > 0 && commas > 0) return written.lastIndexOf(',') > written.lastIndexOf('.') ? 'continental' : 'default';
  if (points > 1 || commas > 1) return points > 1 ? 'continental' : 'default';
  if (points + commas === 0 || /^[1-9]\d{0,2}[.,]\d{3}$/.test(written)) return undefined;
  return commas === 1 ? 'continental' : 'default';
}
