/**
 * Square root, logarithm, exponential in integer arithmetic, so that results are the same on every machine.
 * Each is correct to at least PRECISION significant digits of what it is given, before rounding to as many.
 */

import { decimalExponent, powerOfTen } from './decimal.ts';
import { PRECISION } from './limits.ts';
import { absolute, compare, multiply, ONE, type Rational, rational, subtract } from './rational.ts';

/** Digits computed beyond those wanted: they take up the errors of about 100 steps, times exponents up to 2,000. */
const GUARD = 12;

/** The square root of a number that is not negative. */
export function squareRoot(a: Rational): { readonly root: Rational; readonly isExact: boolean } {
  const [n, d] = [integerRoot(a.numerator), integerRoot(a.denominator)];
  if (n * n === a.numerator && d * d === a.denominator) return { root: rational(n, d), isExact: true };
  const places = PRECISION + GUARD - Math.floor(decimalExponent(a) / 2);
  const scale = powerOfTen(Math.max(0, places));
  return { root: rational(integerRoot((a.numerator * scale * scale) / a.denominator), scale), isExact: false };
}

/** The natural logarithm of a positive number, to `digits` significant digits: k ln 2 + 2 artanh((m - 1) / (m + 1)). */
export function naturalLogarithm(a: Rational, digits = PRECISION): Rational {
  let k = bitsOf(a.numerator) - bitsOf(a.denominator);
  // Now 1/2 < m < 2; with 2/3 <= m <= 4/3, the part of k is never nearly cancelled.
  let m = timesPowerOfTwo(a, -k);
  if (3n * m.numerator > 4n * m.denominator) m = timesPowerOfTwo(a, -++k);
  else if (3n * m.numerator < 2n * m.denominator) m = timesPowerOfTwo(a, -(--k));
  const ratio = rational(m.numerator - m.denominator, m.numerator + m.denominator);
  if (k === 0 && ratio.numerator === 0n) return ratio;
  const lost = k === 0 ? -decimalExponent(ratio) : 0;
  const scale = powerOfTen(digits + GUARD + lost);
  const sum = BigInt(k) * logarithmOfTwo(scale) + 2n * scaledArtanh(ratio, scale);
  return rational(sum, scale);
}

/** `exponential` takes what is smaller. */
export const MAX_EXPONENTIAL = rational(2_000n);

/** e^x for |x| < 2,000: 2^k e^r with |r| <= ln 2 / 2 or a little more. */
export function exponential(x: Rational): Rational {
  const scale = powerOfTen(PRECISION + GUARD);
  const scaled = (x.numerator * scale) / x.denominator;
  const ln2 = logarithmOfTwo(scale);
  const k = Math.round(Number(scaled) / Number(ln2));
  const rest = scaled - BigInt(k) * ln2;
  let sum = scale;
  let term = scale;
  for (let i = 1n; term !== 0n; i++) {
    term = (term * rest) / (i * scale);
    sum += term;
  }
  return timesPowerOfTwo(rational(sum, scale), k);
}

/** e^x - 1 for |x| < 2,000: where x is small, the digits that the difference would lose. */
export function exponentialMinusOne(x: Rational): Rational {
  if (compare(absolute(x), ONE) >= 0) return subtract(exponential(x), ONE);
  if (x.numerator === 0n) return x;
  const scale = powerOfTen(PRECISION + GUARD - decimalExponent(x));
  const scaled = (x.numerator * scale) / x.denominator;
  let sum = 0n;
  let term = scaled;
  for (let i = 2n; term !== 0n; i++) {
    sum += term;
    term = (term * scaled) / (i * scale);
  }
  return rational(sum, scale);
}

/** base^exponent for a positive base, through the logarithm; undefined far out of range. */
export function realPower(base: Rational, exponent: Rational): Rational | undefined {
  // An error of the product is one of the power's digits: four more for a product up to 2,000.
  const product = multiply(exponent, naturalLogarithm(base, PRECISION + 4));
  return compare(absolute(product), MAX_EXPONENTIAL) < 0 ? exponential(product) : undefined;
}

/** scale * artanh(t) for |t| <= 1/3: t + t^3/3 + t^5/5 + ... */
function scaledArtanh(t: Rational, scale: bigint): bigint {
  const [first, square] = [t, multiply(t, t)].map((a) => (a.numerator * scale) / a.denominator);
  let sum = 0n;
  let power = first;
  for (let i = 1n; power !== 0n; i += 2n) {
    sum += power / i;
    power = (power * square) / scale;
  }
  return sum;
}

const logarithmOfTwo = (scale: bigint): bigint => 2n * scaledArtanh(rational(1n, 3n), scale);

const bitsOf = (a: bigint): number => a.toString(2).length;

const timesPowerOfTwo = ({ numerator, denominator }: Rational, k: number): Rational =>
  k >= 0 ? rational(numerator << BigInt(k), denominator) : rational(numerator, denominator << BigInt(-k));

/** The largest integer whose square is not above `a`, by Newton's method from above. */
function integerRoot(a: bigint): bigint {
  if (a < 2n) return a;
  let root = 1n << BigInt((bitsOf(a) + 1) >> 1);
  for (;;) {
    const next = (root + a / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}
