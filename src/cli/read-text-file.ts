/** A whole text file as one string. */
import { isUtf8 } from 'node:buffer';
import { open } from 'node:fs/promises';
import { InputError } from '../errors.ts';

/** Far more than one looks at in one piece; larger data goes through the readers of `src/data`. */
const maximumBytes = 256 * 2 ** 20;

/** @throws InputError for a file that is missing, empty, too large or not UTF-8 text. */
export async function readTextFile(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const status = await file.stat();
    if (!status.isFile()) throw refuse(path, 'something that is not a file');
    if (status.size > maximumBytes) throw refuse(path, `${status.size} bytes`, `at most ${maximumBytes} bytes of text`);
    const bytes = await file.readFile();
    if (bytes.length === 0) throw refuse(path, 'an empty file');
    if (bytes.includes(0)) throw refuse(path, 'binary data (a zero byte)');
    if (!isUtf8(bytes)) throw refuse(path, 'bytes that are not UTF-8');
    return bytes.toString('utf8');
  } finally {
    await file.close();
  }
}

function refuse(path: string, found: string, expected = 'UTF-8 text'): InputError {
  return new InputError({ field: path, found, expected, fix: 'Check that this is the right file.' });
}
