/** Values of the calculator: fractions that stay exact while they can. */

import { decimalExponent, digitsOf, roundToDigits } from './decimal.ts';
import { Fault } from './fault.ts';
import { MAX_DIGITS, MAX_EXPONENT, PRECISION } from './limits.ts';
import { magnitude, type Rational } from './rational.ts';

export interface Quantity {
  readonly value: Rational;
  /** Otherwise the value is rounded to PRECISION significant digits. */
  readonly isExact: boolean;
}

/** The value within the calculator's bounds: rounded where it is not exact or too long. Throws a `Fault` out of range. */
export function quantity(value: Rational, isExact: boolean, position: number): Quantity {
  if (value.numerator === 0n) return { value, isExact };
  if (Math.abs(decimalExponent(value)) > MAX_EXPONENT) throw outOfRange(position);
  const isShort = digitsOf(magnitude(value.numerator)) <= MAX_DIGITS && digitsOf(value.denominator) <= MAX_DIGITS;
  return isExact && isShort ? { value, isExact } : { value: roundToDigits(value, PRECISION), isExact: false };
}

export const outOfRange = (position: number): Fault => new Fault('out-of-range', 'result out of range', position);
