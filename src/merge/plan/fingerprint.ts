/** What a merge is, as one number: only under the same does an interrupted one go on and a finished one stand. */
import { createHash } from 'node:crypto';
import { hashFile } from '../../files/hash-file.ts';
import type { MergePlan } from './merge-plan.ts';

/**
 * SHA-256 over the jobs, the configuration and the content of every companion, 32 hexadecimal digits of it. Of the weights it
 * has the places only: their content is hashed while they are merged, tensor by tensor, so that they are not read for it alone.
 */
export async function fingerprintOf({
  jobs,
  config,
  companions,
}: Pick<MergePlan, 'jobs' | 'config' | 'companions'>): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(config));
  for (const job of jobs) hash.update(JSON.stringify(job, asBytes));
  for (const [name, companion] of companions) {
    const content = 'path' in companion ? await hashFile(companion.path) : companion.content;
    hash.update(JSON.stringify([name, content]));
  }
  return hash.digest('hex').slice(0, 32);
}

export function isFingerprint(text: string): boolean {
  return /^[0-9a-f]{32}$/.test(text);
}

/** Maps of rows as text of their bytes: as lists of numbers they would take seconds. */
function asBytes(_: string, value: unknown): unknown {
  if (!ArrayBuffer.isView(value)) return value;
  const bytes = new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return createHash('sha256').update(bytes).digest('hex');
}
