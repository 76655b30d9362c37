/** The documents of a split, from files or from the synthetic world, in order. */
import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { readRecords } from '../../../data/readers/read-records.ts';
import { InputError, UsageError } from '../../../errors.ts';
import { containedPath } from '../../../files/contained-path.ts';
import { registeredFunction } from '../registered-functions.ts';
import type { Document, Task } from '../task.ts';
import { finworldSplit } from './finworld-split.ts';

/** All are held in memory: prompts are made from them, examples drawn. */
const MAX_DOCUMENTS = 1_000_000;
const MAX_JSON_BYTES = 256 * 2 ** 20;
const VARIABLE = /^\$\{FINERY_DATA\}\//;

export interface SplitOptions {
  readonly signal?: AbortSignal;
  /** Instead of the task's `process_docs`: the name of another function, for examples. */
  readonly process?: string;
}

/**
 * Cells of tables are text: no type is guessed.
 * @throws UsageError for a split that the task does not have, InputError for data that cannot be read.
 */
export async function readSplit(task: Task, split: string, options: SplitOptions = {}): Promise<readonly Document[]> {
  const records = await recordsOf(task, split, options);
  const process = options.process ?? task.config.process_docs?.function;
  if (process === undefined) return records;
  const documents = registeredFunction(process, 'documents', `${task.file}: process_docs`).call(records);
  if (documents.length > 0) return documents;
  throw new InputError({
    field: `${task.file}: process_docs`,
    found: `no document left of ${records.length}`,
    expected: 'at least one',
    fix: 'Check that the data are those that the function is for.',
  });
}

async function recordsOf(task: Task, split: string, { signal }: SplitOptions): Promise<readonly Document[]> {
  if (task.records !== undefined) {
    if (Object.hasOwn(task.records, split)) return task.records[split];
    throw noSplit(task, split, Object.keys(task.records));
  }
  if (task.config.dataset_path === 'finworld') return finworldSplit(task, split);
  const files = await filesOf(task, split);
  const { field } = task.config.dataset_kwargs;
  if (field !== undefined) {
    const lists: (readonly Document[])[] = [];
    for (const file of files) lists.push(await readField(file, field));
    return bounded(lists.flat(), task);
  }
  const documents: Document[] = [];
  const read = readRecords(files, { signal, textUnit: 'line', root: task.folder });
  for await (const { fields } of read) {
    documents.push(fields);
    if (documents.length > MAX_DOCUMENTS) break;
  }
  return bounded(documents, task);
}

function bounded(documents: readonly Document[], task: Task): readonly Document[] {
  if (documents.length <= MAX_DOCUMENTS) return documents;
  throw new InputError({
    field: task.file,
    found: `more than ${MAX_DOCUMENTS} documents`,
    expected: 'fewer',
    fix: 'Evaluate on a part of the data.',
  });
}

/** Absolute paths of a split's files, none for one that the task does not have; a file need not be there. */
export async function dataFilesOf(task: Task, split: string): Promise<readonly string[]> {
  const { data_files: given } = task.config.dataset_kwargs;
  return given !== undefined && Object.hasOwn(bySplit(given), split) ? filesOf(task, split) : [];
}

type DataFiles = NonNullable<Task['config']['dataset_kwargs']['data_files']>;

/** As upstream: files without a split are those of `train`. */
const bySplit = (given: DataFiles) => (typeof given === 'string' || isList(given) ? { train: given } : given);

async function filesOf(task: Task, split: string): Promise<readonly string[]> {
  const { data_files: given } = task.config.dataset_kwargs;
  if (given === undefined) throw noSplit(task, split, []);
  const splits = bySplit(given);
  if (!Object.hasOwn(splits, split)) throw noSplit(task, split, Object.keys(splits));
  const names = splits[split];
  const paths: string[] = [];
  for (const name of isList(names) ? names : [names]) paths.push(await pathOf(task, name));
  return paths;
}

function isList(value: unknown): value is readonly string[] {
  return Array.isArray(value);
}

async function pathOf(task: Task, name: string): Promise<string> {
  if (!VARIABLE.test(name)) return isAbsolute(name) ? knownPath(task, name) : containedPath(task.folder, name);
  const root = dataFolder();
  if (root === undefined) {
    throw new UsageError({
      field: `${task.file}: dataset_kwargs.data_files`,
      found: `${name}, and no FINERY_DATA in the environment`,
      expected: 'the folder of the data in FINERY_DATA',
      fix: 'Set it, as in FINERY_DATA=data finery eval ...',
    });
  }
  const isFolder = await stat(root).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (isFolder) return containedPath(root, name.replace(VARIABLE, ''));
  throw new UsageError({
    field: 'FINERY_DATA',
    found: `${root}, which is no folder`,
    expected: `the folder that holds ${name.replace(VARIABLE, '')}`,
    fix: 'Correct the variable.',
  });
}

const dataFolder = (): string | undefined => process.env.FINERY_DATA || undefined;

/**
 * An absolute path, as upstream writes them, inside the folder of the task or of the data: a task of strangers must not read
 * whatever it likes into prompts, which may go to a server.
 */
async function knownPath(task: Task, path: string): Promise<string> {
  for (const folder of [task.folder, dataFolder()]) {
    if (folder === undefined) continue;
    const inside = relative(resolve(folder), path).split(sep).join('/');
    if (!inside.startsWith('..') && !isAbsolute(inside)) return containedPath(folder, inside);
  }
  throw new UsageError({
    field: `${task.file}: dataset_kwargs.data_files`,
    found: path,
    expected: 'a path inside the folder of the task file, or inside the folder that FINERY_DATA names',
    fix: 'Set FINERY_DATA to a folder that holds the file, or move one of both.',
  });
}

/** A list of objects somewhere in a JSON file. */
async function readField(path: string, field: string): Promise<readonly Document[]> {
  const where = `${path}: ${field}`;
  const refuse = (found: string, cause?: unknown) =>
    new InputError(
      {
        field: where,
        found,
        expected: `a JSON file of at most ${MAX_JSON_BYTES} bytes with a list of objects there`,
        fix: 'Check dataset_kwargs.field.',
      },
      { cause },
    );
  const size = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    throw refuse(cause.code === 'ENOENT' ? 'no such file' : cause.message, cause);
  });
  if (!size.isFile() || size.size > MAX_JSON_BYTES) throw refuse(`${size.size} bytes`);
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, 'utf8'));
  } catch (cause) {
    throw refuse(`broken JSON (${(cause as Error).message})`, cause);
  }
  for (const key of field.split('.')) {
    const isThere = typeof value === 'object' && value !== null && Object.hasOwn(value, key);
    value = isThere ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
  }
  if (!Array.isArray(value)) throw refuse(value === undefined ? 'nothing' : `no list (${typeof value})`);
  const isObject = (one: unknown): one is Document => typeof one === 'object' && one !== null && !Array.isArray(one);
  if (value.length === 0 || !value.every(isObject)) throw refuse('a list that is empty or holds more than objects');
  return value;
}

function noSplit(task: Task, split: string, known: readonly string[]): UsageError {
  return new UsageError({
    field: `${task.file}: dataset_kwargs.data_files`,
    found: known.length === 0 ? 'no files' : `files of ${known.join(', ')}`,
    expected: `files of the split ${split}`,
    fix: 'Name them, or use another split.',
  });
}
