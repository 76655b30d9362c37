/**
 * Errors that a person can act on. Each one says which field, what was found, what was expected and what to do,
 * and keeps these as data until they are printed. A broken assumption of ours is a plain `Error` instead.
 */

export interface Problem {
  /** Where: a file, a recipe path such as `stages.0.lr`, a header key, a line. */
  readonly field: string;
  readonly found: string;
  readonly expected: string;
  /** What to do next. */
  readonly fix: string;
}

/** Exit codes of the command line: 0 done, 1 internal fault, and these. */
export const ExitCode = { usage: 2, input: 3, gate: 4, interrupted: 130 } as const;

export abstract class FineryError extends Error {
  abstract readonly exitCode: number;
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    const [field, found] = [problem.field, problem.found].map(shortened);
    super(`${field}: found ${found}, expected ${problem.expected}. ${problem.fix}`, options);
    this.name = new.target.name;
    this.problem = { ...problem, field, found };
  }
}

/** What files say is as long as whoever wrote them likes. */
const mostCharacters = 1000;

const shortened = (text: string): string =>
  text.length <= mostCharacters ? text : `${text.slice(0, mostCharacters / 2)} ... ${text.slice(-mostCharacters / 4)}`;

/** Wrong usage or configuration: a flag, a recipe, a model configuration. */
export class UsageError extends FineryError {
  readonly exitCode = ExitCode.usage;
}

/** Bad input: data files, checkpoints, tokenizers. */
export class InputError extends FineryError {
  readonly exitCode = ExitCode.input;
}

/** What was made does not pass a condition that it must meet. */
export class GateError extends FineryError {
  readonly exitCode = ExitCode.gate;
}

/** The run was interrupted; its state is saved. */
export class InterruptedError extends FineryError {
  readonly exitCode = ExitCode.interrupted;
}
