/** Worked steps: an expression and what the calculator makes of it. */
import { calculate } from '../../generate/tools/calculator/calculate.ts';
import { calculatorTool } from '../../generate/tools/calculator-tool.ts';

export interface Step {
  /** What it works out; '' where the answer says it. */
  readonly label: string;
  /** In the language of the calculator. */
  readonly expression: string;
  /** As the calculator writes it. */
  readonly result: string;
}

/** Evaluates an expression; one without a value is a mistake of ours, hence a plain `Error`. */
export function step(expression: string, label = ''): Step {
  const result = calculate(expression);
  if (!result.ok) throw new Error(`the step ${expression} has no value: ${result.message}`);
  return { label, expression, result: result.text };
}

/**
 * "Net margin: [Calculator(round(12.3 / 84.5 * 100, 1))->14.6]": what the calculator tool leaves in an answer; languages
 * have colons of their own.
 */
export function writtenStep({ label, expression, result }: Step, colon = ': '): string {
  const { trigger, frame } = calculatorTool();
  const call = `${trigger.open}${expression}${trigger.close}${result}${frame?.after ?? ''}`;
  return label === '' ? call : label + colon + call;
}
