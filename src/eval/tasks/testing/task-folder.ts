/** A folder of task and data files for tests. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { loadTask } from '../load-task.ts';
import type { Task } from '../task.ts';

export interface TaskFolder {
  readonly path: string;
  /** Writes a file and gives its path. */
  write(name: string, content: string): Promise<string>;
  /** Writes records as JSON Lines. */
  writeRows(name: string, rows: readonly unknown[]): Promise<string>;
  /** A task of these fields over `test.jsonl` and `train.jsonl` of the folder; JSON is YAML. */
  task(fields: Readonly<Record<string, unknown>>): Promise<Task>;
  remove(): Promise<void>;
}

export async function taskFolder(): Promise<TaskFolder> {
  const path = await mkdtemp(join(tmpdir(), 'finery-tasks-'));
  const write = async (name: string, content: string): Promise<string> => {
    const file = join(path, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
    return file;
  };
  return {
    path,
    write,
    writeRows: (name, rows) => write(name, rows.map((row) => `${JSON.stringify(row)}\n`).join('')),
    task: async (fields) => {
      const data_files = { test: 'test.jsonl', train: 'train.jsonl' };
      const common = { task: 'case', dataset_path: 'json', dataset_kwargs: { data_files }, test_split: 'test' };
      return loadTask(await write('case.yaml', JSON.stringify({ ...common, ...fields })));
    },
    remove: () => rm(path, { recursive: true }),
  };
}
