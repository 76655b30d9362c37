/** Errors of readers in the words of a recipe: they name their own settings, which are fields of a set there. */
import { InputError, UsageError } from '../errors.ts';

export function inRecipe(set: string, error: unknown): unknown {
  if (!(error instanceof InputError || error instanceof UsageError)) return error;
  const { field, fix, ...problem } = error.problem;
  const inFields = fix
    .replace(/set onBadLine to 'skip'/g, 'set skip_broken: true')
    .replace(/\btextField\b/g, 'text_field');
  const Kind = error instanceof InputError ? InputError : UsageError;
  const at = field === '--tasks' ? 'tasks.on' : field;
  return new Kind({ field: `data.${set}: ${at}`, ...problem, fix: inFields }, { cause: error });
}
