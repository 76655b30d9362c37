/** Fractions seen as decimals: their size, rounding to significant digits, and how results are written. */

import { magnitude, type Rational, rational, roundedQuotient } from './rational.ts';

export const powerOfTen = (exponent: number): bigint => 10n ** BigInt(exponent);

/** Decimal digits of a positive integer. */
export const digitsOf = (a: bigint): number => a.toString().length;

/** The exponent e with 10^e <= |a| < 10^(e+1); `a` is not 0. */
export function decimalExponent(a: Rational): number {
  const size = magnitude(a.numerator);
  const guess = digitsOf(size) - digitsOf(a.denominator);
  const isBelow = guess >= 0 ? size < a.denominator * powerOfTen(guess) : size * powerOfTen(-guess) < a.denominator;
  return isBelow ? guess - 1 : guess;
}

/** mantissa * 10^exponent. */
interface Decimal {
  readonly mantissa: bigint;
  readonly exponent: number;
}

/** The nearest decimal with so many significant digits (one more where rounding carries over), ties to even. */
function toDecimal(a: Rational, digits: number): Decimal {
  if (a.numerator === 0n) return { mantissa: 0n, exponent: 0 };
  const exponent = decimalExponent(a) - digits + 1;
  const mantissa =
    exponent >= 0
      ? roundedQuotient(a.numerator, a.denominator * powerOfTen(exponent), 'even')
      : roundedQuotient(a.numerator * powerOfTen(-exponent), a.denominator, 'even');
  return { mantissa, exponent };
}

export function roundToDigits(a: Rational, digits: number): Rational {
  const { mantissa, exponent } = toDecimal(a, digits);
  return exponent >= 0 ? rational(mantissa * powerOfTen(exponent)) : rational(mantissa, powerOfTen(-exponent));
}

/** Rounds to a number of decimal places, which may be negative; ties go away from 0. */
export function roundToPlaces(a: Rational, places: number): Rational {
  const scale = powerOfTen(Math.abs(places));
  return places >= 0
    ? rational(roundedQuotient(a.numerator * scale, a.denominator, 'away'), scale)
    : rational(roundedQuotient(a.numerator, a.denominator * scale, 'away') * scale);
}

/** Digits, zeros in front included, that an exact result may have. */
const MAX_EXACT_DIGITS = 34;
/** Below 10^-7, as in JavaScript, and where even the integer part is too long, results are in scientific notation. */
const MIN_PLAIN_EXPONENT = -7;

/** All digits of a finite decimal, or undefined where it has too many or does not end. */
export function exactText(a: Rational): string | undefined {
  let places = 0;
  for (let rest = powerOfTen(MAX_EXACT_DIGITS) % a.denominator === 0n ? a.denominator : 0n; rest !== 1n; places++) {
    if (rest === 0n) return undefined;
    rest = rational(rest, 10n).numerator;
  }
  const mantissa = (a.numerator * powerOfTen(places)) / a.denominator;
  return digitsOf(magnitude(mantissa)) > MAX_EXACT_DIGITS ? undefined : plain({ mantissa, exponent: -places });
}

/**
 * Rounded half-even to `significant` digits, but not before the decimal point; in scientific notation from 10^34
 * and below 10^-7. Zeros at the end of a fraction are left out.
 */
export function roundedText(a: Rational, significant: number): string {
  if (a.numerator === 0n) return '0';
  const size = decimalExponent(a);
  const isPlain = size >= MIN_PLAIN_EXPONENT && size < MAX_EXACT_DIGITS;
  const decimal = toDecimal(a, isPlain ? Math.max(significant, size + 1) : significant);
  if (isPlain) return plain(decimal);
  const digits = magnitude(decimal.mantissa).toString();
  const scientific = plain({ mantissa: decimal.mantissa, exponent: 1 - digits.length });
  return `${scientific}e${decimal.exponent + digits.length - 1}`;
}

function plain({ mantissa, exponent }: Decimal): string {
  const sign = mantissa < 0n ? '-' : '';
  if (exponent >= 0) return `${sign}${magnitude(mantissa) * powerOfTen(exponent)}`;
  const digits = magnitude(mantissa)
    .toString()
    .padStart(1 - exponent, '0');
  const fraction = digits.slice(exponent).replace(/0+$/, '');
  return `${sign}${digits.slice(0, exponent)}${fraction === '' ? '' : `.${fraction}`}`;
}
