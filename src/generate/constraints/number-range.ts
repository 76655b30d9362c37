/**
 * Numbers between two bounds as expressions over their digits. Written as JSON writes them: no leading zeros, no plus sign,
 * no exponent, and no minus before zero.
 */

import { characters, choice, type Expression, NOTHING, oneOf, optional, repeat, sequence, text } from './expression.ts';

/** Decimals of so many digits are told apart by every reader that holds numbers as IEEE doubles. */
const EXACT_DIGITS = 15;

export interface Bound {
  readonly value: number;
  /** Whether the bound itself is left out. */
  readonly exclusive: boolean;
}

const EMPTY = sequence();

const digitFrom = (low: number, high: number): Expression =>
  low > high ? NOTHING : characters([[0x30 + low, 0x30 + high]]);
const anyDigits = (minimum: number, maximum: number): Expression => repeat(digitFrom(0, 9), minimum, maximum);

/** The integers from `minimum` to `maximum`, both included. */
export function integersBetween(minimum: bigint, maximum: bigint): Expression {
  const options: Expression[] = [];
  if (maximum >= 0n) options.push(naturalsBetween(minimum > 0n ? minimum : 0n, maximum));
  if (minimum < 0n) options.push(sequence(text('-'), naturalsBetween(maximum < 0n ? -maximum : 1n, -minimum)));
  return choice(...options);
}

function naturalsBetween(low: bigint, high: bigint): Expression {
  if (low > high) return NOTHING;
  const options: Expression[] = [];
  for (let length = `${low}`.length; length <= `${high}`.length; length++) {
    const from = length === `${low}`.length ? `${low}` : `1${'0'.repeat(length - 1)}`;
    const to = length === `${high}`.length ? `${high}` : '9'.repeat(length);
    options.push(sameLength(from, to));
  }
  return choice(...options);
}

/** Digits from `from` to `to`, which are as long as each other. */
function sameLength(from: string, to: string): Expression {
  if (/^0*$/.test(from) && /^9*$/.test(to)) return anyDigits(from.length, from.length);
  const [low, high] = [Number(from[0]), Number(to[0])];
  if (low === high) return sequence(text(from[0]), sameLength(from.slice(1), to.slice(1)));
  const rest = from.length - 1;
  return choice(
    sequence(text(from[0]), sameLength(from.slice(1), '9'.repeat(rest))),
    sequence(digitFrom(low + 1, high - 1), anyDigits(rest, rest)),
    sequence(text(to[0]), sameLength('0'.repeat(rest), to.slice(1))),
  );
}

/**
 * The decimals between two bounds, with at most 15 digits, so that a number on one side of a bound is not rounded to the
 * other. A missing bound is the largest number of 15 digits. Returns undefined for a bound that needs more digits.
 */
export function decimalsBetween(minimum: Bound | undefined, maximum: Bound | undefined): Expression | undefined {
  const low = endpoint(minimum, -1n);
  const high = endpoint(maximum, 1n);
  if (low === undefined || high === undefined) return undefined;
  const options: Expression[] = [];
  if (high.scaled >= 0n) options.push(magnitudes(low.scaled >= 0n ? low : INCLUDED_ZERO, high));
  if (low.scaled < 0n) {
    const nearest = high.scaled < 0n ? opposite(high) : EXCLUDED_ZERO;
    options.push(sequence(text('-'), magnitudes(nearest, opposite(low))));
  }
  return choice(...options);
}

/** A bound in units of 10^-15. */
interface Endpoint {
  readonly scaled: bigint;
  readonly exclusive: boolean;
}

const UNIT = 10n ** BigInt(EXACT_DIGITS);
const INCLUDED_ZERO: Endpoint = { scaled: 0n, exclusive: false };
const EXCLUDED_ZERO: Endpoint = { scaled: 0n, exclusive: true };
const opposite = ({ scaled, exclusive }: Endpoint): Endpoint => ({ scaled: -scaled, exclusive });

function endpoint(bound: Bound | undefined, side: bigint): Endpoint | undefined {
  if (bound === undefined) return { scaled: side * (UNIT - 1n) * UNIT, exclusive: false };
  const { value, exclusive } = bound;
  const scaled = scaledDecimal(value);
  return scaled === undefined ? undefined : { scaled, exclusive };
}

/** The shortest decimal that stands for the number, in units of 10^-15; undefined if it has more than 15 digits. */
function scaledDecimal(value: number): bigint | undefined {
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(value.toExponential());
  if (match === null) return undefined;
  const [, sign, first, rest = '', exponent] = match;
  const shift = Number(exponent) - rest.length + EXACT_DIGITS;
  if (rest.length >= EXACT_DIGITS || shift < 0 || Number(exponent) >= EXACT_DIGITS) return undefined;
  return BigInt(`${sign}${first}${rest}`) * 10n ** BigInt(shift);
}

/** Numbers from `low` to `high`, neither of which is negative. */
function magnitudes(low: Endpoint, high: Endpoint): Expression {
  const [lowWhole, highWhole] = [low.scaled / UNIT, high.scaled / UNIT];
  const [lowFraction, highFraction] = [fractionDigits(low.scaled), fractionDigits(high.scaled)];
  const options: Expression[] = [];
  const add = (from: bigint, to: bigint, fraction: (room: number) => Expression): void => {
    // A whole part of n digits leaves room for 15 - n digits of fraction.
    for (let length = `${from}`.length; from <= to && length <= `${to}`.length; length++) {
      const first = length === 1 ? 0n : 10n ** BigInt(length - 1);
      const last = 10n ** BigInt(length) - 1n;
      const whole = naturalsBetween(from > first ? from : first, to < last ? to : last);
      options.push(sequence(whole, fraction(EXACT_DIGITS - length)));
    }
  };
  if (lowWhole === highWhole) {
    add(lowWhole, lowWhole, (room) => ({
      kind: 'both',
      left: fractionAtLeast(lowFraction, low.exclusive, room),
      right: fractionAtMost(highFraction, high.exclusive, room),
    }));
  } else if (lowWhole < highWhole) {
    add(lowWhole, lowWhole, (room) => fractionAtLeast(lowFraction, low.exclusive, room));
    add(lowWhole + 1n, highWhole - 1n, anyFraction);
    add(highWhole, highWhole, (room) => fractionAtMost(highFraction, high.exclusive, room));
  }
  return choice(...options);
}

const fractionDigits = (scaled: bigint): string => `${scaled % UNIT}`.padStart(EXACT_DIGITS, '0').replace(/0+$/, '');

/** A point and digits, or neither. */
const anyFraction = (room: number): Expression =>
  room === 0 ? EMPTY : optional(sequence(text('.'), anyDigits(1, room)));

function fractionAtLeast(digits: string, exclusive: boolean, room: number): Expression {
  if (digits === '' && !exclusive) return anyFraction(room);
  return sequence(text('.'), digitsAtLeast(digits, exclusive, room));
}

function fractionAtMost(digits: string, exclusive: boolean, room: number): Expression {
  if (digits === '' && exclusive) return NOTHING;
  return choice(EMPTY, sequence(text('.'), digitsAtMost(digits, exclusive, room)));
}

/** Up to `room` digits, at least one, not below (`exclusive`: above) the digits given. */
function digitsAtLeast(digits: string, exclusive: boolean, room: number): Expression {
  if (room <= 0) return NOTHING;
  const first = Number(digits[0] ?? 0);
  const isLast = digits.length <= 1;
  const equal = isLast && !exclusive ? anyDigits(0, room - 1) : digitsAtLeast(digits.slice(1), exclusive, room - 1);
  return choice(sequence(digitFrom(first, first), equal), sequence(digitFrom(first + 1, 9), anyDigits(0, room - 1)));
}

/** Up to `room` digits, at least one, not above (`exclusive`: below) the digits given. */
function digitsAtMost(digits: string, exclusive: boolean, room: number): Expression {
  if (room <= 0) return NOTHING;
  if (digits === '') return repeat(oneOf('0'), 1, room);
  const first = Number(digits[0]);
  const isLast = digits.length === 1;
  const below = sequence(digitFrom(0, first - 1), anyDigits(0, room - 1));
  if (isLast && exclusive) return below;
  const zeros = room === 1 ? EMPTY : optional(digitsAtMost(digits.slice(1), exclusive, room - 1));
  return choice(below, sequence(digitFrom(first, first), zeros));
}
