/**
 * Whether the number that was read is the gold one. All arithmetic is exact; a sign always counts, and no power of ten is
 * free: comparators that accept "5" for "50" measure nothing (eval of DocMath-Eval, Zhao et al., ACL 2024).
 */

import { decimalExponent, powerOfTen, roundToPlaces } from '../../../generate/tools/calculator/decimal.ts';
import {
  absolute,
  compare,
  divide,
  multiply,
  ONE,
  type Rational,
  rational,
  subtract,
} from '../../../generate/tools/calculator/rational.ts';
import type { Reading } from '../reading.ts';
import { decimalValue } from './decimal-value.ts';
import type { NumberUnit, NumericQuantity } from './quantity.ts';

/**
 * `lookup`: equal as far as the gold number is printed. `derived`: within 1 % of the gold number or half a unit of its last
 * printed digit, whichever is more. `percent`: as derived, and a fraction is the same as its percentage where the unit is
 * written.
 */
export type ComparisonMode = 'lookup' | 'derived' | 'percent';

/** In place of the mode's own tolerance. What is within the largest of those given is right. */
interface Tolerance {
  /** Part of the gold number: 0.01 is 1 %. */
  readonly relative?: number;
  /** In the gold number's unit, with its scale applied. */
  readonly absolute?: number;
  /** Both are rounded to so many decimal places of the gold number's scale. */
  readonly decimals?: number;
}

export interface ComparisonOptions {
  readonly mode: ComparisonMode;
  readonly tolerance?: Tolerance;
}

type NumericError =
  | 'unparsed'
  | 'truncated'
  /** Right but for the sign. */
  | 'sign'
  /** Right but for a power of ten. */
  | 'scale'
  /** The right digits with no unit, another unit or another currency. */
  | 'unit'
  /** A fraction in place of its percentage, or the reverse, without a unit that says so. */
  | 'percent-fraction'
  | 'wrong';

export interface Verdict {
  readonly strict: boolean;
  /** A number without its unit, or as a fraction of a percentage, is accepted. */
  readonly lenient: boolean;
  /** Why it is not right strictly. */
  readonly error?: NumericError;
}

const RIGHT: Verdict = { strict: true, lenient: true };
const failed = (error: NumericError): Verdict => ({ strict: false, lenient: false, error });
const tolerated = (error: NumericError): Verdict => ({ strict: false, lenient: true, error });

/** What one of a unit is as a plain number; a multiple is one. */
const FACTORS: Readonly<Record<NumberUnit, Rational>> = {
  none: ONE,
  multiple: ONE,
  percent: rational(1n, 100n),
  per_mille: rational(1n, 1_000n),
  basis_points: rational(1n, 10_000n),
};
const isPart = (unit: NumberUnit): boolean => unit === 'percent' || unit === 'per_mille' || unit === 'basis_points';

const HUNDRED = rational(100n);
/** Further away than trillions nothing is called a slip of scale. */
const MAX_POWER = 12;

export function compareNumbers(
  reading: Reading<NumericQuantity>,
  gold: NumericQuantity,
  options: ComparisonOptions,
): Verdict {
  if (!reading.ok) return failed(reading.reason === 'truncated' ? 'truncated' : 'unparsed');
  const found = reading.value;
  const isNear = (value: Rational) => isWithin(value, gold, options);
  const inGoldUnit = convert(found, gold, options.mode);
  const isOtherCurrency =
    found.currency !== undefined && gold.currency !== undefined && found.currency !== gold.currency;
  if (inGoldUnit !== undefined && isNear(inGoldUnit)) return isOtherCurrency ? failed('unit') : RIGHT;
  if (inGoldUnit === undefined && isNear(found.value)) return tolerated('unit');
  if (isFractionMismatch(found, gold, isNear)) return tolerated('percent-fraction');
  return failed(almost(inGoldUnit ?? found.value, gold, isNear));
}

/** The value in the gold unit; undefined where the units say different things, or a percentage has none. */
function convert(found: NumericQuantity, gold: NumericQuantity, mode: ComparisonMode): Rational | undefined {
  if (isPart(found.unit) && (isPart(gold.unit) || mode === 'percent')) {
    return divide(multiply(found.value, FACTORS[found.unit]), FACTORS[gold.unit]);
  }
  const isPlain = !isPart(found.unit) && !isPart(gold.unit);
  // "3.2" is what a ratio of 3.2x is; "3.2x" of shares is not.
  return isPlain && (found.unit === gold.unit || found.unit === 'none' || gold.unit === 'none')
    ? found.value
    : undefined;
}

/** 0.125 for 12.5 %, "12.5" or "12.5%" for 0.125. */
function isFractionMismatch(
  found: NumericQuantity,
  gold: NumericQuantity,
  isNear: (value: Rational) => boolean,
): boolean {
  if (gold.unit === 'percent') return found.unit === 'none' && isNear(multiply(found.value, HUNDRED));
  const isCandidate =
    gold.unit === 'none' && (found.unit === 'percent' || found.unit === 'none') && gold.currency === undefined;
  return isCandidate && found.unit === 'percent' && isNear(divide(found.value, HUNDRED));
}

function almost(value: Rational, gold: NumericQuantity, isNear: (value: Rational) => boolean): NumericError {
  if (gold.value.numerator === 0n || value.numerator === 0n) return 'wrong';
  if (isNear(multiply(value, rational(-1n)))) return 'sign';
  const distance = decimalExponent(gold.value) - decimalExponent(value);
  const powers = [distance - 1, distance, distance + 1].filter((power) => power !== 0 && Math.abs(power) <= MAX_POWER);
  const scaled = powers.map((power) => (power > 0 ? rational(powerOfTen(power)) : rational(1n, powerOfTen(-power))));
  if (scaled.some((ten) => isNear(multiply(value, ten)))) return 'scale';
  return 'wrong';
}

function isWithin(value: Rational, gold: NumericQuantity, { mode, tolerance }: ComparisonOptions): boolean {
  if (value.numerator !== 0n && gold.value.numerator !== 0n && value.numerator > 0n !== gold.value.numerator > 0n)
    return false;
  const distance = absolute(subtract(value, gold.value));
  if (distance.numerator === 0n) return true;
  if (tolerance !== undefined) return isTolerated(value, distance, gold, tolerance);
  if (mode === 'lookup') return gold.decimals !== undefined && isEqualRounded(value, gold, gold.decimals);
  const onePercent = divide(absolute(gold.value), HUNDRED);
  return (
    compare(distance, onePercent) <= 0 ||
    (gold.decimals !== undefined && compare(distance, halfUnit(gold, gold.decimals)) <= 0)
  );
}

function isTolerated(
  value: Rational,
  distance: Rational,
  gold: NumericQuantity,
  { relative, absolute: most, decimals }: Tolerance,
): boolean {
  if (relative !== undefined && compare(distance, multiply(absolute(gold.value), decimalValue(relative))) <= 0)
    return true;
  if (most !== undefined && compare(distance, decimalValue(most)) <= 0) return true;
  return decimals !== undefined && isEqualRounded(value, gold, decimals);
}

const isEqualRounded = (value: Rational, { value: gold, scale }: NumericQuantity, decimals: number): boolean =>
  compare(roundToPlaces(divide(value, scale), decimals), roundToPlaces(divide(gold, scale), decimals)) === 0;

const halfUnit = ({ scale }: NumericQuantity, decimals: number): Rational =>
  divide(scale, rational(2n * 10n ** BigInt(decimals)));
