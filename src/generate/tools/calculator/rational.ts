/** Exact fractions. */

export interface Rational {
  /** In lowest terms with the denominator. */
  readonly numerator: bigint;
  /** Positive. */
  readonly denominator: bigint;
}

/** The fraction in lowest terms; `denominator` is not 0. */
export function rational(numerator: bigint, denominator = 1n): Rational {
  const divisor = greatestCommonDivisor(magnitude(numerator), magnitude(denominator));
  const sign = denominator < 0n ? -1n : 1n;
  return { numerator: (sign * numerator) / divisor, denominator: (sign * denominator) / divisor };
}

export const ZERO: Rational = { numerator: 0n, denominator: 1n };
export const ONE: Rational = { numerator: 1n, denominator: 1n };

export const add = (a: Rational, b: Rational): Rational =>
  rational(a.numerator * b.denominator + b.numerator * a.denominator, a.denominator * b.denominator);

export const negate = (a: Rational): Rational => ({ numerator: -a.numerator, denominator: a.denominator });

export const subtract = (a: Rational, b: Rational): Rational => add(a, negate(b));

export const multiply = (a: Rational, b: Rational): Rational =>
  rational(a.numerator * b.numerator, a.denominator * b.denominator);

/** `b` is not 0. */
export const divide = (a: Rational, b: Rational): Rational =>
  rational(a.numerator * b.denominator, a.denominator * b.numerator);

/** Negative, 0 or positive as `a` is below, at or above `b`. */
export function compare(a: Rational, b: Rational): number {
  const difference = a.numerator * b.denominator - b.numerator * a.denominator;
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

export const absolute = (a: Rational): Rational => (a.numerator < 0n ? negate(a) : a);

export const isInteger = (a: Rational): boolean => a.denominator === 1n;

export const magnitude = (a: bigint): bigint => (a < 0n ? -a : a);

/** The integer nearest to n / d, d > 0; what lies in the middle goes to the even one, or away from 0. */
export function roundedQuotient(n: bigint, d: bigint, middle: 'even' | 'away'): bigint {
  const quotient = magnitude(n) / d;
  const twice = 2n * (magnitude(n) % d);
  const isUp = twice > d || (twice === d && (middle === 'away' || quotient % 2n === 1n));
  const rounded = isUp ? quotient + 1n : quotient;
  return n < 0n ? -rounded : rounded;
}

function greatestCommonDivisor(a: bigint, b: bigint): bigint {
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}
