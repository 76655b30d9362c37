import type { Rational } from './rational.ts';

export type BinaryOperator = '+' | '-' | '*' | '/' | '^';

/** A parsed expression. `position` is that of the number, operator or name, in UTF-16 units. */
export type Expression =
  | { readonly kind: 'number'; readonly value: Rational; readonly position: number }
  | {
      readonly kind: 'negate' | 'percent' | 'factorial';
      readonly operand: Expression;
      readonly position: number;
    }
  | {
      readonly kind: 'binary';
      readonly operator: BinaryOperator;
      readonly left: Expression;
      readonly right: Expression;
      readonly position: number;
    }
  | {
      readonly kind: 'call';
      readonly name: string;
      readonly args: readonly Expression[];
      readonly position: number;
    };
