import type { BinaryOperator, Expression } from './expression.ts';
import { Fault } from './fault.ts';
import { FUNCTIONS, factorial } from './functions.ts';
import { power } from './power.ts';
import { type Quantity, quantity } from './quantity.ts';
import { add, divide, multiply, negate, rational, subtract } from './rational.ts';

const HUNDRED = rational(100n);

/** The value of an expression, whose length bounds the work. Throws a `Fault` at the operator or function at fault. */
export function evaluate(expression: Expression): Quantity {
  const { position } = expression;
  switch (expression.kind) {
    case 'number':
      return quantity(expression.value, true, position);
    case 'negate': {
      const { value, isExact } = evaluate(expression.operand);
      return { value: negate(value), isExact };
    }
    case 'percent': {
      const { value, isExact } = evaluate(expression.operand);
      return quantity(divide(value, HUNDRED), isExact, position);
    }
    case 'factorial':
      return factorial(evaluate(expression.operand), position);
    case 'binary':
      return operate(expression.operator, evaluate(expression.left), evaluate(expression.right), position);
    case 'call':
      return call(expression.name, expression.args, position);
  }
}

function operate(operator: BinaryOperator, left: Quantity, right: Quantity, position: number): Quantity {
  const isExact = left.isExact && right.isExact;
  const [a, b] = [left.value, right.value];
  switch (operator) {
    case '+':
      return quantity(add(a, b), isExact, position);
    case '-':
      return quantity(subtract(a, b), isExact, position);
    case '*':
      return quantity(multiply(a, b), isExact, position);
    case '/':
      if (b.numerator === 0n) throw new Fault('division-by-zero', 'division by zero', position);
      return quantity(divide(a, b), isExact, position);
    case '^':
      return power(left, right, position);
  }
}

function call(name: string, args: readonly Expression[], position: number): Quantity {
  const found = FUNCTIONS.get(name);
  if (found === undefined) throw new Fault('unknown-name', `unknown function ${name.slice(0, 20)}`, position);
  const { minArguments, maxArguments } = found;
  if (args.length < minArguments || args.length > maxArguments) {
    const count = maxArguments === minArguments ? minArguments : `${minArguments} to ${maxArguments}`;
    throw new Fault('arguments', `${name} takes ${count} arguments, found ${args.length}`, position);
  }
  return found.apply(
    args.map((argument) => evaluate(argument)),
    position,
  );
}
