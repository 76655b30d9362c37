/**
 * Programs of FinQA (Chen et al., EMNLP 2021): `subtract(5829, 5735), divide(#0, 5735)`. A step is an operation on
 * numbers, constants (`const_100`, `const_m1` for -1) and results of steps before (`#0`); table operations take the name
 * of a row. `abs` and `eq` are those of jfinqa. The last step is the program's value.
 */

import { Fault } from '../../../generate/tools/calculator/fault.ts';
import { readNumber } from '../../../generate/tools/calculator/number-literal.ts';
import { absolute, compare, negate, type Rational, rational } from '../../../generate/tools/calculator/rational.ts';
import { call, numberOf, operate, type ProgramResult, type ProgramValue, resultOf } from './program-result.ts';

/** Rows of cells as they are written; the first cell of a row is its name. */
export type ProgramTable = readonly (readonly string[])[];

type Operation = (args: readonly Rational[], position: number) => ProgramValue;

const OPERATIONS: Readonly<Record<string, { readonly arity: number; readonly apply: Operation }>> = {
  add: { arity: 2, apply: ([a, b], at) => operate('+', a, b, at) },
  subtract: { arity: 2, apply: ([a, b], at) => operate('-', a, b, at) },
  multiply: { arity: 2, apply: ([a, b], at) => operate('*', a, b, at) },
  divide: { arity: 2, apply: ([a, b], at) => operate('/', a, b, at) },
  exp: { arity: 2, apply: ([a, b], at) => operate('^', a, b, at) },
  greater: { arity: 2, apply: ([a, b]) => compare(a, b) > 0 },
  eq: { arity: 2, apply: ([a, b]) => compare(a, b) === 0 },
  abs: { arity: 1, apply: ([a]) => absolute(a) },
};

/** Operations on a row, as functions of the calculator. */
const TABLE_OPERATIONS: Readonly<Record<string, string>> = {
  table_max: 'max',
  table_min: 'min',
  table_sum: 'sum',
  table_average: 'avg',
};

interface Step {
  readonly name: string;
  readonly args: readonly string[];
  readonly position: number;
}

/** Runs a program of at most 4,000 characters, or one that comes step by step. */
export function runFinqaProgram(program: string | readonly string[], table: ProgramTable = []): ProgramResult {
  return resultOf(typeof program === 'string' ? program : program.join(', '), (text) => {
    const results: ProgramValue[] = [];
    for (const step of stepsOf(text)) results.push(runStep(step, results, table));
    return results[results.length - 1];
  });
}

function runStep({ name, args, position }: Step, results: readonly ProgramValue[], table: ProgramTable): ProgramValue {
  if (Object.hasOwn(TABLE_OPERATIONS, name)) {
    return call(TABLE_OPERATIONS[name], rowNumbers(args[0], table, position), position);
  }
  if (!Object.hasOwn(OPERATIONS, name))
    throw new Fault('unknown-name', `unknown operation ${name.slice(0, 20)}`, position);
  const { arity, apply } = OPERATIONS[name];
  const values = split(args, arity).map((arg) => argument(arg, results, position));
  if (values.length !== arity) {
    throw new Fault('arguments', `${name} takes ${arity} arguments, found ${values.length}`, position);
  }
  return apply(values, position);
}

/** `divide(1,2)`: a comma without a space separates where arguments are missing otherwise. */
const split = (args: readonly string[], arity: number): readonly string[] =>
  args.length < arity && args.length === 1 ? args[0].split(',') : args;

/** Names of rows may hold commas and parentheses: a table operation ends with `, none)`. */
const STEP =
  /[\s,]*(?:(table_\w{1,20})\s{0,3}\((.{0,300}?)\s{0,3},\s{0,3}none\s{0,3}\)|(\w{1,20})\s{0,3}\(([^()]{0,300})\))/isy;
const END = /[\s,]*(?:EOF)?[\s,]*$/y;

function stepsOf(text: string): Step[] {
  const steps: Step[] = [];
  let position = 0;
  for (;;) {
    END.lastIndex = position;
    if (steps.length > 0 && END.test(text)) return steps;
    STEP.lastIndex = position;
    const match = STEP.exec(text);
    if (match === null) throw new Fault('syntax', 'expected an operation such as add(1, 2)', position);
    const [whole, tableName, row, name, args] = match;
    steps.push(
      tableName === undefined
        ? { name: name.toLowerCase(), args: args.split(/,\s+/).map((arg) => arg.trim()), position }
        : { name: tableName.toLowerCase(), args: [row.trim()], position },
    );
    position += whole.length;
  }
}

const CONSTANT = /^const_(m?)(\d{1,20})$/i;
const REFERENCE = /^#(\d{1,4})$/;

function argument(text: string, results: readonly ProgramValue[], position: number): Rational {
  const reference = REFERENCE.exec(text);
  if (reference !== null) {
    const index = Number(reference[1]);
    if (index >= results.length) throw new Fault('arguments', `#${index} is not known yet`, position);
    return numberOf(results[index], position);
  }
  const constant = CONSTANT.exec(text);
  if (constant !== null) return rational(constant[1] === '' ? BigInt(constant[2]) : -BigInt(constant[2]));
  const value = plainNumber(text);
  if (value === undefined) throw new Fault('arguments', `${text.slice(0, 20)} is no number`, position);
  return value;
}

/** FinQA's `str_to_num`: commas are left out, "15.7%" is 0.157. */
function plainNumber(text: string): Rational | undefined {
  const match = /^([+-]?)\s{0,3}([^\s%]{1,100}?)\s{0,3}(%?)$/.exec(text.replaceAll(',', ''));
  if (match === null) return undefined;
  const [, sign, digits, percent] = match;
  const number = readNumber(digits, 0, false);
  if (number === undefined || number.end !== digits.length) return undefined;
  const value = percent === '' ? number.value : operate('/', number.value, HUNDRED, 0);
  return sign === '-' ? negate(value) : value;
}

const HUNDRED = rational(100n);

/** The numbers of the last row of that name, as in the authors' code: "$ 1,234 (a)" is 1234, and every cell must be one. */
function rowNumbers(name: string, table: ProgramTable, position: number): Rational[] {
  const row = table.findLast(([first]) => first !== undefined && rowName(first) === rowName(name));
  if (row === undefined) throw new Fault('arguments', `no row ${name.slice(0, 40)}`, position);
  return row.slice(1).map((cell) => {
    const value = plainNumber(cell.replaceAll('$', '').split('(', 1)[0].trim());
    if (value === undefined) throw new Fault('arguments', `${cell.slice(0, 20)} in the table is no number`, position);
    return value;
  });
}

const rowName = (text: string): string => text.trim().replace(/\s+/g, ' ').toLowerCase();
