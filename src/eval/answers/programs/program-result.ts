/** What running a program gives: a number, the outcome of a comparison, or why there is neither. Never an exception. */

import { roundToPlaces } from '../../../generate/tools/calculator/decimal.ts';
import { evaluate } from '../../../generate/tools/calculator/evaluate.ts';
import type { BinaryOperator, Expression } from '../../../generate/tools/calculator/expression.ts';
import { Fault, type FaultCode } from '../../../generate/tools/calculator/fault.ts';
import { compare, type Rational } from '../../../generate/tools/calculator/rational.ts';

export type ProgramValue = Rational | boolean;

export type ProgramResult =
  | { readonly ok: true; readonly value: ProgramValue }
  | {
      readonly ok: false;
      readonly code: FaultCode;
      readonly message: string;
      /** UTF-16 units from the beginning of the program. */
      readonly position: number;
    };

/** UTF-16 units of a program; this also bounds its steps. */
export const MAX_PROGRAM = 4_000;

export function resultOf(program: string, run: (program: string) => ProgramValue): ProgramResult {
  try {
    if (program.length > MAX_PROGRAM) throw new Fault('too-long', `more than ${MAX_PROGRAM} characters`, MAX_PROGRAM);
    return { ok: true, value: run(program) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return { ok: false, code: error.code, message: error.message, position: error.position };
  }
}

/** `left` `operator` `right`, within the calculator's bounds. Throws a `Fault`. */
export function operate(operator: BinaryOperator, left: Rational, right: Rational, position: number): Rational {
  const expression = { kind: 'binary', operator, left: literal(left), right: literal(right), position } as const;
  return evaluate(expression).value;
}

/** A function of the calculator. Throws a `Fault`. */
export const call = (name: string, args: readonly Rational[], position: number): Rational =>
  evaluate({ kind: 'call', name, args: args.map(literal), position }).value;

const literal = (value: Rational): Expression => ({ kind: 'number', value, position: 0 });

/** The number, which an operand must be. Throws a `Fault`. */
export function numberOf(value: ProgramValue, position: number): Rational {
  if (typeof value === 'boolean') throw new Fault('arguments', 'the outcome of a comparison is no number', position);
  return value;
}

/** Decimal places to which FinQA and ConvFinQA compare what programs give. */
const PLACES = 5;

/**
 * Execution accuracy of FinQA (Chen et al., EMNLP 2021): equal after rounding to 5 decimals. Their floats round binary
 * fractions; ours are exact, with ties away from 0.
 */
export function executesTo(result: ProgramResult, gold: ProgramValue): boolean {
  if (!result.ok) return false;
  const { value } = result;
  if (typeof value === 'boolean' || typeof gold === 'boolean') return value === gold;
  return compare(roundToPlaces(value, PLACES), roundToPlaces(gold, PLACES)) === 0;
}
