/** Errors about a setting of a stage name the stage, so that `fieldPath` finds where it was written. */
import { UsageError } from '../errors.ts';
import { settingPath } from './field-path.ts';
import type { Stage } from './stage.ts';

/** @throws what `decide` throws, as `named` */
export function ofStage<T>(stage: Stage, decide: () => T): T {
  try {
    return decide();
  } catch (error) {
    throw named(stage, error);
  }
}

/** The same of what takes time, for `catch`. */
export const inStage =
  (stage: Stage) =>
  (error: unknown): never => {
    throw named(stage, error);
  };

/** The error about `batch.length of the stage sft` instead of `batch.length`; as it is where it is about no setting. */
function named(stage: Stage, error: unknown): unknown {
  if (!(error instanceof UsageError)) return error;
  const { field, ...problem } = error.problem;
  const setting = asWrittenInRecipes(field);
  if (settingPath(stage, setting) === undefined) return error;
  return new UsageError({ field: `${setting} of the stage ${stage.name}`, ...problem }, { cause: error });
}

/** `adapter targetModules` is `adapter.target_modules` there. */
const asWrittenInRecipes = (field: string): string =>
  field.replace(/^adapter /, 'adapter.').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
