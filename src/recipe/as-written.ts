/** Errors about files as a person knows them: a run sees every path from its own folder. */
import { join } from 'node:path';
import { InputError, type Problem, UsageError } from '../errors.ts';

/**
 * The error with paths below the working folder as they are seen from there, and others absolute.
 * @param root absolute folder of the run
 */
export function asWritten(error: unknown, root: string): unknown {
  if (!(error instanceof InputError || error instanceof UsageError)) return error;
  const { field, found, expected, fix } = error.problem;
  const seen = (text: string): string => seenFromHere(text, root);
  const problem: Problem = { field: seen(field), found: seen(found), expected: seen(expected), fix: seen(fix) };
  const Kind = error instanceof InputError ? InputError : UsageError;
  return new Kind(problem, { cause: error });
}

function seenFromHere(text: string, root: string): string {
  return text
    .replaceAll(`relative to ${root}`, 'relative to the folder of the recipe')
    .replace(/(?<![\w./-])(?:\.\.\/)+/g, (up) => join(root, up))
    .replaceAll(join(process.cwd(), '/'), '');
}
