/** Errors about files as a person knows them: a run sees every path from its own folder. */
import { join } from 'node:path';
import { InputError, type Problem, UsageError } from '../errors.ts';

export interface Writing {
  /** Absolute folder of the run. */
  readonly root: string;
  /** Where a field of the recipe was written; undefined for what is none. Default: nowhere. */
  readonly placeOf?: (field: string) => string | undefined;
}

/**
 * The error with paths below the working folder as they are seen from there, others absolute, and with the place of the field
 * of a recipe that it is about.
 */
export function asWritten(error: unknown, { root, placeOf }: Writing): unknown {
  if (!(error instanceof InputError || error instanceof UsageError)) return error;
  const { field, found, expected, fix } = error.problem;
  const seen = (text: string): string => seenFromHere(text, root);
  const place = placeOf?.(field);
  const at = place === undefined ? '' : `${place}: `;
  const problem: Problem = { field: at + seen(field), found: seen(found), expected: seen(expected), fix: seen(fix) };
  const Kind = error instanceof InputError ? InputError : UsageError;
  return new Kind(problem, { cause: error });
}

function seenFromHere(text: string, root: string): string {
  return text
    .replaceAll(`relative to ${root}`, 'relative to the folder of the recipe')
    .replace(/(?<![\w./-])(?:\.\.\/)+/g, (up) => join(root, up))
    .replaceAll(join(process.cwd(), '/'), '');
}
