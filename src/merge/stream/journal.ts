/**
 * What an unfinished merge has done: first what it was made from, then a line for every tensor that is in its place, with the
 * hashes of its bytes and of what it was read from. It lies in the unfinished folder and goes with it when the merge is complete.
 */
import { appendFileSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../files/atomic-write.ts';
import { isJsonObject, type JsonObject } from '../../files/json-file.ts';
import type { FileIdentities } from '../plan/file-identity.ts';
import type { TensorResult } from './merge-tensor.ts';

const journalName = 'progress.jsonl';

export interface MergeBasis {
  /** Files of weights as they were when the merge was planned. */
  readonly inputs: FileIdentities;
  /** SHA-256 of the counts over the whole model that every tensor depends on; of nothing where the method has none. */
  readonly counts: string;
}

export interface EarlierRun extends MergeBasis {
  readonly results: ReadonlyMap<string, TensorResult>;
}

export interface Journal {
  /** What earlier runs left. */
  readonly earlier: EarlierRun | undefined;
  /** Starts anew with what is still valid of the earlier. Before any `add`. */
  begin(basis: MergeBasis, kept: ReadonlyMap<string, TensorResult>): Promise<void>;
  /** Call it when the bytes are in the file. */
  add(tensor: string, result: TensorResult): void;
  remove(): Promise<void>;
}

export async function openJournal(folder: string): Promise<Journal> {
  const path = join(folder, journalName);
  const lineOf = (tensor: string, result: TensorResult): string => `${JSON.stringify({ tensor, ...result })}\n`;
  return {
    earlier: parseJournal(await readFile(path, 'utf8').catch(() => '')),
    async begin({ inputs, counts }, kept) {
      const head = `${JSON.stringify({ inputs: Object.fromEntries(inputs), counts })}\n`;
      await writeFileAtomically(path, [head, ...[...kept].map(([tensor, result]) => lineOf(tensor, result))].join(''));
    },
    add: (tensor, result) => appendFileSync(path, lineOf(tensor, result)),
    remove: () => rm(path, { force: true }),
  };
}

function parseJournal(text: string): EarlierRun | undefined {
  const [first, ...rest] = text.split('\n').map(parseLine);
  const { inputs, counts } = first ?? {};
  if (!isJsonObject(inputs) || typeof counts !== 'string') return undefined;
  const identities = Object.entries(inputs).map(([path, identity]) => [path, String(identity)] as const);
  const results = rest.flatMap((line) => {
    const { tensor, hash, sources, notes } = line ?? {};
    if (typeof tensor !== 'string' || typeof hash !== 'string') return [];
    if (!Array.isArray(sources) || !Array.isArray(notes)) return [];
    return [[tensor, { hash, sources: sources.map(String), notes: notes.map(String) }] as const];
  });
  return { inputs: new Map(identities), counts, results: new Map(results) };
}

/** A run that was killed may have left half a line. */
function parseLine(line: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
