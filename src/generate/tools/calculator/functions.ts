/** The functions of the calculator. */

import { roundToPlaces } from './decimal.ts';
import { exponential, MAX_EXPONENTIAL, naturalLogarithm, squareRoot } from './elementary.ts';
import { Fault } from './fault.ts';
import { internalRate, payment, presentValue } from './finance.ts';
import { MAX_EXPONENT, MAX_FACTORIAL, MAX_FLOWS } from './limits.ts';
import { outOfRange, type Quantity, quantity } from './quantity.ts';
import { absolute, add, compare, divide, isInteger, ONE, type Rational, rational, ZERO } from './rational.ts';

export interface CalculatorFunction {
  readonly minArguments: number;
  readonly maxArguments: number;
  /** Throws a `Fault`. */
  readonly apply: (args: readonly Quantity[], position: number) => Quantity;
}

const anyNumber = { minArguments: 1, maxArguments: Number.POSITIVE_INFINITY };
const one = { minArguments: 1, maxArguments: 1 };
const oneOrTwo = { minArguments: 1, maxArguments: 2 };

export const FUNCTIONS: ReadonlyMap<string, CalculatorFunction> = new Map<string, CalculatorFunction>([
  /** round(x) or round(x, places): ties away from 0, as in spreadsheets. */
  ['round', { ...oneOrTwo, apply: ([x, places], at) => round(x, places?.value ?? ZERO, at) }],
  ['abs', { ...one, apply: ([x]) => ({ ...x, value: absolute(x.value) }) }],
  ['sqrt', { ...one, apply: ([x], at) => root(x, at) }],
  ['exp', { ...one, apply: ([x], at) => exp(x, at) }],
  ['ln', { ...one, apply: ([x], at) => quantity(logarithm(x, at), false, at) }],
  /** log(x) to base 10, log(x, base). */
  ['log', { ...oneOrTwo, apply: ([x, base], at) => logarithmTo(x, base, at) }],
  ['min', { ...anyNumber, apply: (args) => args.reduce((a, b) => (compare(b.value, a.value) < 0 ? b : a)) }],
  ['max', { ...anyNumber, apply: (args) => args.reduce((a, b) => (compare(b.value, a.value) > 0 ? b : a)) }],
  ['sum', { ...anyNumber, apply: sum }],
  [
    'avg',
    {
      ...anyNumber,
      apply: (args, at) => {
        const total = sum(args, at);
        return quantity(divide(total.value, rational(BigInt(args.length))), total.isExact, at);
      },
    },
  ],
  /** npv(rate, flow 1, ..., flow n): the first flow comes after one period. */
  ['npv', { minArguments: 2, maxArguments: Number.POSITIVE_INFINITY, apply: presentValue }],
  /** irr(flow 0, ..., flow n): the first flow comes now. */
  ['irr', { minArguments: 2, maxArguments: MAX_FLOWS, apply: internalRate }],
  /** pmt(rate, periods, present), then the value in the end, then 1 for payments at the beginning of each period. */
  ['pmt', { minArguments: 3, maxArguments: 5, apply: payment }],
]);

/** n! of an integer from 0 to MAX_FACTORIAL. Throws a `Fault`. */
export function factorial({ value, isExact }: Quantity, position: number): Quantity {
  if (!isInteger(value) || value.numerator < 0n) {
    throw new Fault('domain', 'only integers from 0 have a factorial', position);
  }
  if (value.numerator > BigInt(MAX_FACTORIAL)) throw outOfRange(position);
  let product = 1n;
  for (let i = 2n; i <= value.numerator; i++) product *= i;
  return quantity(rational(product), isExact, position);
}

function sum(args: readonly Quantity[], position: number): Quantity {
  return args.reduce((a, b) => quantity(add(a.value, b.value), a.isExact && b.isExact, position));
}

function round({ value, isExact }: Quantity, places: Rational, position: number): Quantity {
  if (!isInteger(places) || compare(absolute(places), rational(BigInt(MAX_EXPONENT))) > 0) {
    throw new Fault('domain', `decimal places are an integer from -${MAX_EXPONENT} to ${MAX_EXPONENT}`, position);
  }
  return quantity(roundToPlaces(value, Number(places.numerator)), isExact, position);
}

function root({ value, isExact }: Quantity, position: number): Quantity {
  if (value.numerator < 0n) throw new Fault('domain', 'square root of a negative number', position);
  const result = squareRoot(value);
  return quantity(result.root, isExact && result.isExact, position);
}

function exp({ value, isExact }: Quantity, position: number): Quantity {
  if (value.numerator === 0n) return { value: ONE, isExact };
  if (compare(absolute(value), MAX_EXPONENTIAL) >= 0) throw outOfRange(position);
  return quantity(exponential(value), false, position);
}

function logarithm({ value }: Quantity, position: number): Rational {
  if (value.numerator > 0n) return naturalLogarithm(value);
  throw new Fault('domain', 'logarithm of a number that is not positive', position);
}

function logarithmTo(x: Quantity, base: Quantity | undefined, position: number): Quantity {
  const denominator = base === undefined ? naturalLogarithm(rational(10n)) : logarithm(base, position);
  const numerator = logarithm(x, position);
  if (denominator.numerator === 0n) throw new Fault('division-by-zero', 'logarithm to base 1', position);
  return quantity(divide(numerator, denominator), false, position);
}
