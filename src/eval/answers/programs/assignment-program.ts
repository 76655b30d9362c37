/**
 * Programs as lines of Python, in the form of ConvFinQA's "program of thoughts" (Chen et al., TMLR 2023):
 * `x0 = 3.8 / 35.1; ans = x0 * 100`. Assignments, `+ - * / **`, parentheses, one comparison, comments and percent literals
 * (`15.7%`, which that data has) are all there is: no calls, no attributes, no loops.
 */

import { Fault } from '../../../generate/tools/calculator/fault.ts';
import { readNumber } from '../../../generate/tools/calculator/number-literal.ts';
import { compare, negate, rational } from '../../../generate/tools/calculator/rational.ts';
import { numberOf, operate, type ProgramResult, type ProgramValue, resultOf } from './program-result.ts';

/** Parentheses, signs and powers inside one another. */
const MAX_DEPTH = 64;

/** Runs a program of at most 4,000 characters; its value is that of `ans`, or else of the last assignment. */
export const runAssignmentProgram = (program: string): ProgramResult =>
  resultOf(program, (text) => new Run(text).value());

const COMPARISONS: Readonly<Record<string, (order: number) => boolean>> = {
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '==': (order) => order === 0,
  '!=': (order) => order !== 0,
};

const HUNDRED = rational(100n);
const GAP = /(?:[ \t\r]|#[^\n]*)*/y;
const SEPARATORS = /(?:[\s;]|#[^\n]*)*/y;
const NAME = /[A-Za-z_]\w{0,63}/y;
const COMPARISON = /[<>]=?|[=!]=/y;
const SUM = /[+-]/y;
const PRODUCT = /\*(?!\*)|\/(?!\/)/y;
const POWER = /\*\*/y;
const PERCENT = /%/y;
const ASSIGN = /=(?!=)/y;

class Run {
  readonly #text: string;
  readonly #values = new Map<string, ProgramValue>();
  #position = 0;
  #depth = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): ProgramValue {
    let last: ProgramValue | undefined;
    for (this.#take(SEPARATORS); this.#position < this.#text.length; this.#take(SEPARATORS)) last = this.#assignment();
    if (last === undefined) throw this.#syntax('an assignment');
    return this.#values.get('ans') ?? last;
  }

  #assignment(): ProgramValue {
    const name = this.#take(NAME);
    if (name === '' || this.#next(ASSIGN) === '') throw this.#syntax('an assignment');
    const value = this.#comparison();
    this.#take(GAP);
    const end = this.#text[this.#position];
    if (end !== undefined && end !== ';' && end !== '\n') throw this.#syntax('the end of the statement');
    this.#values.set(name, value);
    return value;
  }

  #comparison(): ProgramValue {
    const left = this.#sum();
    const sign = this.#next(COMPARISON);
    if (sign === '') return left;
    const position = this.#position;
    const right = this.#sum();
    return COMPARISONS[sign](compare(numberOf(left, position), numberOf(right, position)));
  }

  #sum(): ProgramValue {
    return this.#chain(SUM, () => this.#product());
  }

  #product(): ProgramValue {
    return this.#chain(PRODUCT, () => this.#signed());
  }

  #chain(operators: RegExp, operand: () => ProgramValue): ProgramValue {
    let left = operand();
    for (;;) {
      const operator = this.#next(operators);
      if (operator === '') return left;
      const position = this.#position - 1;
      const right = numberOf(operand(), position);
      left = operate(operator as '+' | '-' | '*' | '/', numberOf(left, position), right, position);
    }
  }

  /** As in Python, a sign binds less than a power on its right, and more than one on its left: -2 ** -2. */
  #signed(): ProgramValue {
    const sign = this.#next(SUM);
    if (sign === '') return this.#power();
    const value = numberOf(
      this.#nested(() => this.#signed()),
      this.#position,
    );
    return sign === '-' ? negate(value) : value;
  }

  #power(): ProgramValue {
    const base = this.#operand();
    if (this.#next(POWER) === '') return base;
    const position = this.#position;
    const exponent = this.#nested(() => this.#signed());
    return operate('^', numberOf(base, position), numberOf(exponent, position), position);
  }

  #operand(): ProgramValue {
    this.#take(GAP);
    if (this.#text[this.#position] === '(') return this.#group();
    const start = this.#position;
    const number = readNumber(this.#text, start, false);
    if (number !== undefined) {
      this.#position = number.end;
      return this.#next(PERCENT) === '' ? number.value : operate('/', number.value, HUNDRED, start);
    }
    const name = this.#take(NAME);
    if (name === '') throw this.#syntax('a number');
    const value = this.#values.get(name);
    if (value === undefined) throw new Fault('unknown-name', `unknown name ${name.slice(0, 20)}`, start);
    return value;
  }

  #group(): ProgramValue {
    this.#position++;
    const value = this.#nested(() => this.#comparison());
    this.#take(GAP);
    if (this.#text[this.#position] !== ')') throw this.#syntax('a closing parenthesis');
    this.#position++;
    return value;
  }

  #nested(parse: () => ProgramValue): ProgramValue {
    if (++this.#depth > MAX_DEPTH) throw new Fault('too-deep', `more than ${MAX_DEPTH} levels`, this.#position);
    const value = parse();
    this.#depth--;
    return value;
  }

  #next(pattern: RegExp): string {
    this.#take(GAP);
    return this.#take(pattern);
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#position;
    const found = pattern.exec(this.#text)?.[0] ?? '';
    this.#position += found.length;
    return found;
  }

  #syntax(expected: string): Fault {
    return new Fault('syntax', `expected ${expected}`, this.#position);
  }
}
