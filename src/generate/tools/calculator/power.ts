import { digitsOf } from './decimal.ts';
import { realPower } from './elementary.ts';
import { Fault } from './fault.ts';
import { MAX_DIGITS } from './limits.ts';
import { outOfRange, type Quantity, quantity } from './quantity.ts';
import { absolute, compare, divide, isInteger, magnitude, negate, ONE, type Rational, ZERO } from './rational.ts';

/** base^exponent: exact for integer exponents while the fraction is short, else to PRECISION digits. Throws a `Fault`. */
export function power(base: Quantity, exponent: Quantity, position: number): Quantity {
  const isExact = base.isExact && exponent.isExact;
  const [a, b] = [base.value, exponent.value];
  if (b.numerator === 0n) return { value: ONE, isExact };
  if (a.numerator === 0n) {
    if (b.numerator < 0n) throw new Fault('division-by-zero', 'division by zero', position);
    return { value: ZERO, isExact };
  }
  if (a.numerator < 0n && !isInteger(b)) {
    throw new Fault('domain', 'a negative number has no such power', position);
  }
  const isNegative = a.numerator < 0n && b.numerator % 2n !== 0n;
  const size = absolute(a);
  if (compare(size, ONE) === 0) return { value: isNegative ? negate(ONE) : ONE, isExact };
  const exact = isExact && isInteger(b) ? integerPower(a, b.numerator) : undefined;
  if (exact !== undefined) return quantity(exact, true, position);
  const result = realPower(size, b);
  if (result === undefined) throw outOfRange(position);
  return quantity(isNegative ? negate(result) : result, false, position);
}

/** The exact power of a number that is not 0, 1 or -1, or undefined where it would have too many digits. */
function integerPower(a: Rational, exponent: bigint): Rational | undefined {
  const times = magnitude(exponent);
  const digits = (side: bigint): number => (side === 1n ? 0 : Number(times) * logarithmOfTen(side));
  if (Math.max(digits(magnitude(a.numerator)), digits(a.denominator)) > MAX_DIGITS) return undefined;
  const result = { numerator: a.numerator ** times, denominator: a.denominator ** times };
  return exponent < 0n ? divide(ONE, result) : result;
}

/** The decimal logarithm of a positive integer, to about 15 digits. */
function logarithmOfTen(a: bigint): number {
  const digits = a.toString();
  return digitsOf(a) - 1 + Math.log10(Number(`${digits[0]}.${digits.slice(1, 17)}`));
}
