/**
 * What an unfinished merge has done: a line for every tensor that is in its place, with the hash of its bytes. It lies in the
 * unfinished folder, whose name is the fingerprint of recipe and inputs, and goes with it when the merge is complete.
 */
import { appendFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isJsonObject } from '../../files/json-file.ts';
import type { TensorResult } from './merge-tensor.ts';

const journalName = 'progress.jsonl';

export interface Journal {
  /** By tensor, what earlier runs wrote. */
  readonly earlier: ReadonlyMap<string, TensorResult>;
  /** Call it when the bytes are in the file. */
  add(tensor: string, result: TensorResult): void;
  remove(): Promise<void>;
}

export async function openJournal(folder: string): Promise<Journal> {
  const path = join(folder, journalName);
  const text = await readFile(path, 'utf8').catch(() => '');
  const earlier = new Map<string, TensorResult>();
  for (const line of text.split('\n')) {
    const entry = parseLine(line);
    if (entry) earlier.set(entry.tensor, { hash: entry.hash, notes: entry.notes });
  }
  // A run that was killed may have left half a line.
  if (text !== '' && !text.endsWith('\n')) appendFileSync(path, '\n');
  return {
    earlier,
    add: (tensor, { hash, notes }) => appendFileSync(path, `${JSON.stringify({ tensor, hash, notes })}\n`),
    remove: () => rm(path, { force: true }),
  };
}

function parseLine(line: string): { tensor: string; hash: string; notes: readonly string[] } | undefined {
  try {
    const value: unknown = JSON.parse(line);
    if (!isJsonObject(value)) return undefined;
    const { tensor, hash, notes } = value;
    if (typeof tensor !== 'string' || typeof hash !== 'string' || !Array.isArray(notes)) return undefined;
    return { tensor, hash, notes: notes.map(String) };
  } catch {
    return undefined;
  }
}
