/** What a merge depends on, as one number: only under the same does an interrupted one go on and a finished one stand. */
import { createHash } from 'node:crypto';
import { hashFile } from '../../files/hash-file.ts';
import type { MergePlan } from './merge-plan.ts';

/**
 * SHA-256 over the jobs, the configuration and the content of every input and companion, 32 hexadecimal digits of it.
 * Reads all inputs once: sizes and times would take other weights for the same, or the same weights for others.
 */
export async function fingerprintOf(
  { jobs, config, companions, inputs }: Pick<MergePlan, 'jobs' | 'config' | 'companions' | 'inputs'>,
  signal?: AbortSignal,
): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(config));
  for (const job of jobs) hash.update(JSON.stringify(job, asBytes));
  for (const [name, companion] of companions) {
    const content = 'path' in companion ? await hashFile(companion.path) : companion.content;
    hash.update(JSON.stringify([name, content]));
  }
  for (const path of inputs) {
    signal?.throwIfAborted();
    hash.update(JSON.stringify([path, await hashFile(path)]));
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
