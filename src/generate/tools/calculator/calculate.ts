/**
 * A calculator for text that a model writes: no language-level evaluation, no names but those of its functions, every
 * size bounded before it is computed. Its language is in `parse.ts`, its functions in `functions.ts`.
 */

import { UsageError } from '../../../errors.ts';
import { exactText, roundedText } from './decimal.ts';
import { evaluate } from './evaluate.ts';
import { Fault, type FaultCode } from './fault.ts';
import { PRECISION } from './limits.ts';
import { parse } from './parse.ts';
import { compare, type Rational } from './rational.ts';

export type Calculation =
  | {
      readonly ok: true;
      /** The value as it is written; `calculate` reads it back. */
      readonly text: string;
      /** Whether `text` is exactly the value of the expression. */
      readonly isExact: boolean;
      readonly value: Rational;
    }
  | {
      readonly ok: false;
      readonly code: FaultCode;
      readonly message: string;
      /** UTF-16 units from the beginning of the expression. */
      readonly position: number;
    };

export interface CalculateOptions {
  /** Digits of results that are not written exactly, 1 to 34. Default 12. */
  readonly significantDigits?: number;
}

/**
 * The value of an expression of at most 1,000 characters; whatever it holds, the answer is a `Calculation`.
 *
 * Sums, products, quotients and integer powers are exact fractions. Roots, logarithms, exponentials, other powers, and
 * fractions with more than 500 digits above or below, are rounded to 34 significant digits, internal rates of return also to
 * 34 decimal places. An exact value that ends
 * within 34 digits is written in full; every other is rounded half-even to `significantDigits`, but not before the
 * decimal point, and is in scientific notation from 10^34 and below 10^-7. Throws a `UsageError` for other options.
 */
export function calculate(expression: string, { significantDigits = 12 }: CalculateOptions = {}): Calculation {
  if (!Number.isInteger(significantDigits) || significantDigits < 1 || significantDigits > PRECISION) {
    throw new UsageError({
      field: 'significantDigits',
      found: String(significantDigits),
      expected: `an integer from 1 to ${PRECISION}`,
      fix: 'Leave it out for 12.',
    });
  }
  try {
    const { value, isExact } = evaluate(parse(expression));
    const text = (isExact ? exactText(value) : undefined) ?? roundedText(value, significantDigits);
    return { ok: true, text, isExact: isExact && compare(evaluate(parse(text)).value, value) === 0, value };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ok: false, code: error.code, message: error.message, position: error.position };
  }
}
