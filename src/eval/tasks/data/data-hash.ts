/** What the documents of a task are made of, without reading them: the bytes of its files. */
import { createHash } from 'node:crypto';
import { hashFile } from '../../../files/hash-file.ts';
import type { Task } from '../task.ts';
import { dataFilesOf } from './read-split.ts';

/**
 * SHA-256 of the definition and of every file of the splits that it names, in hexadecimal: what is equal has the same items.
 * A file that is not there counts as such: whether it is needed is known when the split is read.
 * @throws UsageError for files outside the folders that a task may read
 */
export async function hashWithData(task: Task): Promise<string> {
  const { test_split, validation_split, training_split, fewshot_split, fewshot_config } = task.config;
  const digest = createHash('sha256').update(task.hash);
  for (const split of new Set([test_split, validation_split, training_split, fewshot_split, fewshot_config.split])) {
    if (split === undefined) continue;
    const files = await dataFilesOf(task, split);
    digest.update(JSON.stringify([split, await Promise.all(files.map(hashIfThere))]));
  }
  return digest.digest('hex');
}

async function hashIfThere(path: string): Promise<string | null> {
  try {
    return await hashFile(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
