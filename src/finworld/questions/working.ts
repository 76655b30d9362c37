/** The steps of an answer while it is worked out. */
import { type Figure, figureOf, rounded } from './figure.ts';
import { type Step, step } from './step.ts';

export interface Result extends Figure {
  /** As the calculator wrote it, for later expressions; negative ones in parentheses. */
  readonly operand: string;
}

/** What is exact, later steps go on with; what is rounded is an answer, or said on the way to one. */
export class Working {
  readonly steps: Step[] = [];

  /** The value of an expression, rounded to so many decimals. */
  work(label: string, expression: string, decimals: number): Result {
    return this.exactly(label, rounded(expression, decimals), decimals);
  }

  /** Of an expression whose value has no more decimals than these. */
  exactly(label: string, expression: string, decimals: number): Result {
    const worked = step(expression, label);
    this.steps.push(worked);
    const { result } = worked;
    return { ...figureOf(result, decimals), operand: result.startsWith('-') ? `(${result})` : result };
  }
}
