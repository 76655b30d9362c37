/** Numbers as they are written: `1234.5`, `.5`, `1,234,567.89`, `6.02e23`. */

import { powerOfTen } from './decimal.ts';
import { Fault } from './fault.ts';
import { MAX_EXPONENT } from './limits.ts';
import { type Rational, rational, ZERO } from './rational.ts';

const PLAIN = /(\d+(?:\.\d+)?|\.\d+)(?:e([+-]?\d+))?/iy;
const GROUPED = /([1-9]\d{0,2}(?:,\d{3})+(?!\d)(?:\.\d+)?)(?:e([+-]?\d+))?/iy;

export interface NumberLiteral {
  readonly value: Rational;
  readonly end: number;
}

/**
 * The number that begins at `start`, or undefined where none does. With `allowGroups`, commas may separate thousands:
 * every group of three, the first one to three digits, not 0 in front. Throws a `Fault` for a number out of range.
 */
export function readNumber(source: string, start: number, allowGroups: boolean): NumberLiteral | undefined {
  const match = (allowGroups ? matchAt(GROUPED, source, start) : null) ?? matchAt(PLAIN, source, start);
  if (match === null) return undefined;
  const end = start + match[0].length;
  const [whole, fraction = ''] = match[1].replaceAll(',', '').split('.');
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return { value: ZERO, end };
  // Not even a BigInt is made of an exponent before it is known to be small.
  const exponent = Number(match[2] ?? 0) - fraction.length;
  const size = digits.length - 1 + exponent;
  if (Math.abs(size) > MAX_EXPONENT) throw new Fault('out-of-range', 'number out of range', start);
  const mantissa = BigInt(digits);
  const value = exponent >= 0 ? rational(mantissa * powerOfTen(exponent)) : rational(mantissa, powerOfTen(-exponent));
  return { value, end };
}

function matchAt(pattern: RegExp, source: string, start: number): RegExpExecArray | null {
  pattern.lastIndex = start;
  return pattern.exec(source);
}
