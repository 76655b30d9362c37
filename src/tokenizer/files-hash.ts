import { createHash } from 'node:crypto';
import type { TokenizerFile } from './tokenizer.ts';

/** SHA-256 of names and contents, in hexadecimal. */
export function hashOfFiles(files: readonly TokenizerFile[]): string {
  const hash = createHash('sha256');
  for (const { name, bytes } of files) hash.update(`${name}\0${bytes.length}\0`).update(bytes);
  return hash.digest('hex');
}
