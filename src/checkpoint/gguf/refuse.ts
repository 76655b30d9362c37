/** Errors about GGUF files. */
import { InputError } from '../../errors.ts';

/** The error for a file that breaks the format. */
export function damaged(field: string, found: string, expected: string): InputError {
  const fix = 'The file is damaged, incomplete or not GGUF: copy or download it again.';
  return new InputError({ field, found, expected, fix });
}

/** The error for a sound file whose content has no counterpart here. */
export function unsupported(field: string, found: string, expected: string, fix: string): InputError {
  return new InputError({ field, found, expected, fix });
}
