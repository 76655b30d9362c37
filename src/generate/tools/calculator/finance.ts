/**
 * Net present value, payment and internal rate of return, with the conventions of spreadsheets: rates are per period, the
 * first flow of `npv` comes at the end of the first period and that of `irr` now, and payments have the opposite sign of
 * what they pay back.
 */

import { powerOfTen, roundToDigits, roundToPlaces } from './decimal.ts';
import { exponentialMinusOne, naturalLogarithm } from './elementary.ts';
import { Fault } from './fault.ts';
import { MAX_EXPONENT, PRECISION } from './limits.ts';
import { power } from './power.ts';
import { outOfRange, type Quantity, quantity } from './quantity.ts';
import { add, compare, divide, multiply, negate, ONE, type Rational, rational, subtract, ZERO } from './rational.ts';

/**
 * npv(rate, flow 1, ..., flow n): the sum of flow i / (1 + rate)^i, an exact fraction while it is short.
 * Throws a `Fault` for a rate that is not above -1.
 */
export function presentValue([rate, ...flows]: readonly Quantity[], position: number): Quantity {
  const factor = growthOf(rate, position);
  return flows.reduceRight(
    (later, { value, isExact }) => {
      const sum = quantity(add(later.value, value), later.isExact && isExact, position);
      return quantity(divide(sum.value, factor.value), sum.isExact && factor.isExact, position);
    },
    { value: ZERO, isExact: true },
  );
}

/**
 * pmt(rate, periods, present), pmt(rate, periods, present, future), pmt(rate, periods, present, future, 1 if at the
 * beginning of each period): the p with present g + future + p (1 + rate if at the beginning) (g - 1) / rate = 0, where
 * g = (1 + rate)^periods. An exact fraction while g is short. Throws a `Fault` for a rate that is not above -1, for no
 * periods or less, and for other times of payment than 0 and 1.
 */
export function payment(
  [rate, periods, present, future = zero, time = zero]: readonly Quantity[],
  position: number,
): Quantity {
  if (compare(periods.value, ZERO) <= 0) throw new Fault('domain', 'the number of periods is above 0', position);
  const isAtBeginning = compare(time.value, ONE) === 0;
  if (!isAtBeginning && compare(time.value, ZERO) !== 0) {
    throw new Fault('domain', 'payments are at the end of a period, 0, or at its beginning, 1', position);
  }
  const isExact = [rate, periods, present, future, time].every((argument) => argument.isExact);
  const factor = growthOf(rate, position);
  if (rate.value.numerator === 0n) {
    return quantity(negate(divide(add(present.value, future.value), periods.value)), isExact, position);
  }
  const growth = power(factor, periods, position);
  const interest = growth.isExact
    ? subtract(growth.value, ONE)
    : // The difference would lose the digits of a small rate.
      exponentialMinusOne(multiply(periods.value, naturalLogarithm(factor.value, PRECISION + 4)));
  const owed = add(multiply(present.value, growth.value), future.value);
  const paid = multiply(interest, isAtBeginning ? factor.value : ONE);
  return quantity(negate(divide(multiply(owed, rate.value), paid)), isExact && growth.isExact, position);
}

const zero: Quantity = { value: ZERO, isExact: true };

/** 1 + rate. */
function growthOf({ value, isExact }: Quantity, position: number): Quantity {
  const growth = add(ONE, value);
  if (growth.numerator > 0n) return quantity(growth, isExact, position);
  throw new Fault('domain', 'a rate is above -1', position);
}

/** To which 1 + rate is found, and more than the rate is rounded to. */
const binaryPlaces = 120n;
/** Rates are below 2^64 - 1. */
const mostDoublings = 64;
/** What a flow is multiplied with, at most, to be an integer. */
const mostPlaces = PRECISION + MAX_EXPONENT;

/**
 * irr(flow 0, ..., flow n): the rate at which the sum of flow i / (1 + rate)^i is 0. Flows that change their sign once
 * have exactly one such rate above -1 (Descartes' rule of signs); for others a `Fault` is thrown.
 *
 * The rate is bracketed by bisection with exact signs, then rounded to 34 decimal places and, unless that is the solution
 * itself, to 34 significant digits. Flows that are not finite decimals are first rounded to 34 significant digits.
 */
export function internalRate(flows: readonly Quantity[], position: number): Quantity {
  const decimals = flows.map(({ value }) => decimalOf(value));
  const signs = decimals.map(({ numerator }) => numerator > 0n).filter((_, i) => decimals[i].numerator !== 0n);
  const changes = signs.filter((sign, i) => i > 0 && sign !== signs[i - 1]).length;
  if (changes !== 1) {
    throw new Fault('domain', `the flows of irr change their sign once, found ${changes} changes`, position);
  }
  const signOf = presentValueSign(decimals, 1n << binaryPlaces);
  // As 1 + rate comes from 0, the last flows outweigh the first until the solution.
  const isBelow = (growth: bigint): boolean => signOf(growth) === (signs.at(-1) ? 1 : -1);
  let [low, high] = [0n, 1n << binaryPlaces];
  for (let doublings = 0; isBelow(high); doublings++) {
    if (doublings === mostDoublings) throw outOfRange(position);
    [low, high] = [high, 2n * high];
  }
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    if (isBelow(middle)) low = middle;
    else high = middle;
  }
  const rate = roundToPlaces(subtract(rational(high, 1n << binaryPlaces), ONE), PRECISION);
  const { numerator, denominator } = add(ONE, rate);
  const isExact = flows.every((flow, i) => flow.isExact && decimals[i] === flow.value);
  return quantity(rate, isExact && presentValueSign(decimals, denominator)(numerator) === 0, position);
}

/** The same number where it is a decimal that ends soon enough, else the nearest with 34 significant digits. */
const decimalOf = (value: Rational): Rational =>
  powerOfTen(mostPlaces) % value.denominator === 0n ? value : roundToDigits(value, PRECISION);

/** The sign of the sum of flow i / growth^i, where growth is a positive integer over `denominator`. Exact. */
function presentValueSign(flows: readonly Rational[], denominator: bigint): (growth: bigint) => number {
  const multiple = flows.reduce((common, flow) => common * rational(flow.denominator, common).numerator, 1n);
  const terms = flows.map((flow, i) => ((flow.numerator * multiple) / flow.denominator) * denominator ** BigInt(i));
  return (growth) => {
    const value = terms.reduce((sum, term) => sum * growth + term);
    return value > 0n ? 1 : value < 0n ? -1 : 0;
  };
}
