/**
 * Parser of the calculator's language.
 *
 *     sum     := product (('+' | '-') product)*
 *     product := signed (('*' | '/') signed)*
 *     signed  := ('-' | '+') signed | power
 *     power   := postfix (('^' | '**') signed)?            so -2^2 = -4 and 2^3^2 = 2^9
 *     postfix := atom ('%' | '!')*                         % is percent: 12% = 0.12
 *     atom    := number | '(' sum ')' | name '(' sum (',' sum)* ')'
 *
 * `×`, `÷` and `−` are read as `*`, `/` and `-`. Commas may separate thousands, but between the arguments of a function,
 * where they separate arguments: `max(1,234)` has two. A further pair of parentheses makes room: `max((1,234), 5)`.
 */

import type { BinaryOperator, Expression } from './expression.ts';
import { Fault } from './fault.ts';
import { MAX_CHARACTERS, MAX_DEPTH } from './limits.ts';
import { readNumber } from './number-literal.ts';

/** Throws a `Fault`. */
export function parse(source: string): Expression {
  if (source.length > MAX_CHARACTERS) {
    throw new Fault('too-long', `longer than ${MAX_CHARACTERS} characters`, MAX_CHARACTERS);
  }
  return new Parser(source).parse();
}

const SPACE = /\s*/y;
const NAME = /[a-z_][a-z0-9_]*/iy;
const OPERATOR = /\*\*|[-+*/^×÷−]/y;
const SUMS: ReadonlyMap<string, BinaryOperator> = new Map([
  ['+', '+'],
  ['-', '-'],
  ['−', '-'],
]);
const PRODUCTS: ReadonlyMap<string, BinaryOperator> = new Map([
  ['*', '*'],
  ['×', '*'],
  ['/', '/'],
  ['÷', '/'],
]);
const POWERS: ReadonlyMap<string, BinaryOperator> = new Map([
  ['^', '^'],
  ['**', '^'],
]);

class Parser {
  readonly #source: string;
  #at = 0;
  #depth = 0;
  /** Whether a comma here separates arguments rather than thousands. */
  #inArguments = false;

  constructor(source: string) {
    this.#source = source;
  }

  parse(): Expression {
    const expression = this.#sum();
    if (this.#at < this.#source.length) throw this.#unexpected('an operator');
    return expression;
  }

  #sum(): Expression {
    return this.#chain(SUMS, () => this.#chain(PRODUCTS, () => this.#signed()));
  }

  /** Operands joined by operators of one rank, the left ones first. */
  #chain(operators: ReadonlyMap<string, BinaryOperator>, operand: () => Expression): Expression {
    let left = operand();
    for (;;) {
      const position = this.#skipSpace();
      const operator = this.#takeOperator(operators);
      if (operator === undefined) return left;
      left = { kind: 'binary', operator, left, right: operand(), position };
    }
  }

  #signed(): Expression {
    const position = this.#skipSpace();
    const sign = this.#takeOperator(SUMS);
    if (sign === undefined) return this.#power();
    const operand = this.#nested(() => this.#signed());
    return sign === '-' ? { kind: 'negate', operand, position } : operand;
  }

  #power(): Expression {
    const left = this.#postfix();
    const position = this.#skipSpace();
    const operator = this.#takeOperator(POWERS);
    if (operator === undefined) return left;
    return { kind: 'binary', operator, left, right: this.#nested(() => this.#signed()), position };
  }

  #postfix(): Expression {
    let operand = this.#atom();
    for (;;) {
      const position = this.#skipSpace();
      if (this.#take('%')) operand = { kind: 'percent', operand, position };
      else if (this.#take('!')) operand = { kind: 'factorial', operand, position };
      else return operand;
      // A double factorial is another function, and 5%% is nothing that anybody means.
      const again = this.#source[this.#skipSpace()];
      if (again === '!' || again === '%') throw this.#unexpected('an operator');
    }
  }

  #atom(): Expression {
    const position = this.#skipSpace();
    if (this.#take('(')) {
      const inner = this.#between(false, () => this.#sum());
      this.#close();
      return inner;
    }
    const name = this.#match(NAME);
    if (name !== undefined) return this.#call(name.toLowerCase(), position);
    const number = readNumber(this.#source, position, !this.#inArguments);
    if (number === undefined) throw this.#unexpected('a number');
    this.#at = number.end;
    if (/[\d.,\p{L}_]/u.test(this.#source[this.#at] ?? '') && !(this.#inArguments && this.#source[this.#at] === ','))
      throw new Fault('syntax', `a number cannot go on with ${JSON.stringify(this.#source[this.#at])}`, this.#at);
    return { kind: 'number', value: number.value, position };
  }

  #call(name: string, position: number): Expression {
    this.#skipSpace();
    if (!this.#take('(')) throw this.#unexpected(`"(" after ${name}`);
    const args = this.#between(true, () => {
      const list = [this.#sum()];
      while (this.#take(',')) list.push(this.#sum());
      return list;
    });
    this.#close();
    return { kind: 'call', name, args, position };
  }

  #close(): void {
    this.#skipSpace();
    if (!this.#take(')')) throw this.#unexpected('an operator or ")"');
  }

  #between<T>(inArguments: boolean, parseInner: () => T): T {
    const outer = this.#inArguments;
    this.#inArguments = inArguments;
    const inner = this.#nested(parseInner);
    this.#inArguments = outer;
    return inner;
  }

  #nested<T>(parseInner: () => T): T {
    if (++this.#depth > MAX_DEPTH) throw new Fault('too-deep', `nested deeper than ${MAX_DEPTH} levels`, this.#at);
    const inner = parseInner();
    this.#depth--;
    return inner;
  }

  #takeOperator(operators: ReadonlyMap<string, BinaryOperator>): BinaryOperator | undefined {
    const start = this.#at;
    const operator = operators.get(this.#match(OPERATOR) ?? '');
    if (operator === undefined) this.#at = start;
    return operator;
  }

  #take(character: string): boolean {
    if (this.#source[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #skipSpace(): number {
    this.#match(SPACE);
    return this.#at;
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#source)?.[0];
    this.#at += match?.length ?? 0;
    return match;
  }

  #unexpected(expected: string): Fault {
    const position = this.#skipSpace();
    const found = this.#source.codePointAt(position);
    const what = found === undefined ? 'the end' : JSON.stringify(String.fromCodePoint(found));
    return new Fault('syntax', `${expected} expected, found ${what}`, position);
  }
}
