/** The folder of a model or an adapter that a recipe names. */
import { InputError, UsageError } from '../../errors.ts';
import { exists } from '../../files/temporary-name.ts';

interface Naming {
  /** The place in the recipe that names it, for messages. */
  readonly place: string;
  /** From the name to a folder on this machine. */
  readonly resolve: (name: string) => Promise<string>;
}

/** @throws InputError for a folder that is not there, and whatever `resolve` throws, each with the place in the recipe */
export async function findNamed(name: string, { place, resolve }: Naming): Promise<string> {
  try {
    const path = await resolve(name);
    if (await exists(path)) return path;
    throw new InputError({
      field: name,
      found: 'no such folder',
      expected: 'the folder of a model or an adapter, or one of the hub',
      fix: 'Check the path.',
    });
  } catch (error) {
    if (!(error instanceof InputError || error instanceof UsageError)) throw error;
    const Kind = error instanceof InputError ? InputError : UsageError;
    throw new Kind({ ...error.problem, field: `${place}: ${error.problem.field}` }, { cause: error });
  }
}
