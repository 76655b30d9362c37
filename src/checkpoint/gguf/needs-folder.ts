/** GGUF files where their form will not do. */
import { InputError } from '../../errors.ts';

/** @param expected what is read in its place */
export const needsFolder = (path: string, expected: string): InputError =>
  new InputError({
    field: path,
    found: 'a GGUF file',
    expected,
    fix: `Make a folder of it first: finery export ${path} --to hf --out FOLDER.`,
  });
