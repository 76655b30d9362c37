/** Tasks by name: those that come with Finery, and files of the user's. */
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { UsageError } from '../../errors.ts';
import { nearest } from '../../yaml/near-miss.ts';
import { loadTaskOrGroup, tasksOf } from '../tasks/load-task.ts';
import type { Task, TaskGroup } from '../tasks/task.ts';

/** Beside `src` and `dist`, as recipes are. */
const builtIn = fileURLToPath(new URL('../../../tasks', import.meta.url));

/**
 * Loads what is named: `finworld_sentiment`, a group, or `my/task.yaml`. What adds nothing to the names before it is left
 * out; a task may still be in two of the groups.
 * @throws UsageError for a name that is none, with the nearest that is, for two tasks of one name, and whatever loading
 * throws
 */
export async function findTasks(names: readonly string[], folder = builtIn): Promise<(Task | TaskGroup)[]> {
  const known = await taskFiles(folder);
  const found: (Task | TaskGroup)[] = [];
  const seen = new Map<string, Task>();
  for (const name of names) {
    const loaded = await loadTaskOrGroup(pathOf(name, known));
    const isFresh = tasksOf(loaded).some((task) => !seen.has(task.name));
    for (const task of tasksOf(loaded)) {
      const other = seen.get(task.name);
      if (other !== undefined && resolve(other.file) !== resolve(task.file)) throw sameName(task, other);
      seen.set(task.name, task);
    }
    if (isFresh) found.push(loaded);
  }
  return found;
}

/** A task that comes with Finery has a name, one of the user's is a file. */
export const isTaskFile = (name: string): boolean => /\.ya?ml$/.test(name);

/** Every task of what was loaded, once. */
export function distinctTasks(loaded: readonly (Task | TaskGroup)[]): readonly Task[] {
  return [...new Map(loaded.flatMap(tasksOf).map((task) => [task.name, task])).values()];
}

/** Results go by name: those of one would stand for both. */
function sameName(task: Task, other: Task): UsageError {
  return new UsageError({
    field: '--tasks',
    found: `two tasks called ${task.name}, in ${other.file} and in ${task.file}`,
    expected: 'different names',
    fix: 'Rename one of them, or evaluate them one after the other.',
  });
}

/** Names of the tasks and groups that come with Finery, sorted. */
export async function builtInTasks(folder = builtIn): Promise<string[]> {
  return [...(await taskFiles(folder)).keys()].sort();
}

function pathOf(name: string, known: ReadonlyMap<string, string>): string {
  if (isTaskFile(name)) return name;
  const path = known.get(name);
  if (path !== undefined) return path;
  const near = nearest(name, [...known.keys()]);
  throw new UsageError({
    field: '--tasks',
    found: JSON.stringify(name),
    expected: near === undefined ? 'the name of a task, or a .yaml file' : `a task such as ${near}`,
    fix: 'finery eval tasks lists those that come with Finery.',
  });
}

/** What a file defines stands in a line of its own, so no file has to be understood to be found. */
const definition = /^(?:task|group):[ \t]*['"]?([\w.-]+)['"]?[ \t]*(?:#.*)?$/m;

async function taskFiles(folder: string): Promise<Map<string, string>> {
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.yaml'));
  const entries = await Promise.all(
    files.sort().map(async (file) => {
      const path = join(folder, file);
      const name = definition.exec(await readFile(path, 'utf8'))?.[1];
      return name === undefined ? [] : [[name, path] as const];
    }),
  );
  return new Map(entries.flat());
}
