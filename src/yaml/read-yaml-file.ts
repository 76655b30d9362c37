/** The text of a YAML file that a person wrote: bounded, UTF-8. */
import { open } from 'node:fs/promises';
import { UsageError } from '../errors.ts';
import { MAX_YAML_BYTES } from './yaml-text.ts';

/**
 * @param what is expected there, such as `a recipe`
 * @param hint follows the advice to check the path
 * @throws UsageError if there is no such file, or if it is too large or not UTF-8.
 */
export async function readYamlFile(path: string, what: string, hint: string): Promise<string> {
  const refuse = (found: string, cause?: unknown) =>
    new UsageError(
      {
        field: path,
        found,
        expected: `${what}: a YAML file of at most ${MAX_YAML_BYTES} bytes in UTF-8`,
        fix: `Check the path; ${hint}`,
      },
      { cause },
    );
  const file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw refuse(cause.code === 'ENOENT' ? 'no such file' : cause.message, cause);
  });
  try {
    const status = await file.stat();
    if (!status.isFile()) throw refuse('no file');
    if (status.size > MAX_YAML_BYTES) throw refuse(`${status.size} bytes`);
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.readFile());
  } catch (cause) {
    throw cause instanceof TypeError ? refuse('text that is not UTF-8', cause) : cause;
  } finally {
    await file.close();
  }
}
