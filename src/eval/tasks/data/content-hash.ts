/** What tells whether data are those that a task was written for. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../canonical-json.ts';
import type { Document } from '../task.ts';

/** SHA-256 over the documents in order, in hexadecimal; neither the file format nor the order of fields matters. */
export function contentHash(documents: readonly Document[]): string {
  const hash = createHash('sha256');
  for (const document of documents) hash.update(canonicalJson(document)).update('\n');
  return hash.digest('hex');
}
