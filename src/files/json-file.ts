/** JSON files of bounded size. */
import { open } from 'node:fs/promises';
import { InputError } from '../errors.ts';
import { parseJson } from './parse-json.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** Generous for any configuration, index or tokenizer, and far from exhausting memory. */
const maximumBytes = 256 * 2 ** 20;

/** @throws InputError if the file is missing, too large, not UTF-8 or not JSON. */
export async function readJson(path: string): Promise<unknown> {
  const text = await readBounded(path);
  try {
    return parseJson(text);
  } catch (cause) {
    throw refuse(path, `broken JSON (${(cause as Error).message})`, cause);
  }
}

/** @throws InputError as `readJson`, and if the content is no object. */
export async function readJsonObject(path: string): Promise<JsonObject> {
  const value = await readJson(path);
  if (!isJsonObject(value)) throw refuse(path, Array.isArray(value) ? 'a list' : typeof value);
  return value;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

async function readBounded(path: string): Promise<string> {
  const file = await open(path, 'r').catch((cause: NodeJS.ErrnoException) => {
    throw refuse(path, cause.code === 'ENOENT' ? 'no such file' : cause.message, cause);
  });
  try {
    const status = await file.stat();
    if (!status.isFile() || status.size > maximumBytes) throw refuse(path, `${status.size} bytes, or no file at all`);
    const bytes = await file.readFile();
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    throw error instanceof TypeError ? refuse(path, 'text that is not UTF-8', error) : error;
  } finally {
    await file.close();
  }
}

function refuse(path: string, found: string, cause?: unknown): InputError {
  const fix = 'Check the path, and copy or download the file again.';
  return new InputError({ field: path, found, expected: 'a JSON object', fix }, { cause });
}
