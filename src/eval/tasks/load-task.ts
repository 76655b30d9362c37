/** Tasks and groups of tasks from files: read, checked, and with every default filled in. */
import { createHash } from 'node:crypto';
import { basename, dirname, extname } from 'node:path';
import { z } from 'zod';
import { UsageError } from '../../errors.ts';
import { containedPath } from '../../files/contained-path.ts';
import { explainIssues } from '../../yaml/explain-issues.ts';
import type { JsonSchema } from '../../yaml/json-schema.ts';
import { canonicalJson } from './canonical-json.ts';
import { checkTask } from './check-task.ts';
import { withoutForeignFields } from './foreign-fields.ts';
import { readTaskFile, type TaskFile } from './read-task-file.ts';
import { type GroupConfig, groupSchema, type TaskConfig, taskSchema } from './schema.ts';
import type { Task, TaskGroup } from './task.ts';
import { taskMetrics } from './task-metrics.ts';

/**
 * The task of a file.
 * @throws UsageError naming file, line and field; also for a file that holds a group.
 */
export async function loadTask(path: string): Promise<Task> {
  const loaded = await loadTaskOrGroup(path);
  if (loaded.kind === 'task') return loaded;
  throw new UsageError({
    field: path,
    found: `the group ${loaded.name}`,
    expected: 'a single task',
    fix: 'Name one of its members.',
  });
}

/** As `loadTask`, also for groups, which are loaded with all their members. */
export async function loadTaskOrGroup(path: string): Promise<Task | TaskGroup> {
  return load(path, []);
}

/** Every task of a group and its groups, in order. */
export function tasksOf(loaded: Task | TaskGroup): readonly Task[] {
  return loaded.kind === 'task' ? [loaded] : loaded.members.flatMap(tasksOf);
}

const MAX_MEMBERS = 1_000;

async function load(path: string, above: readonly string[]): Promise<Task | TaskGroup> {
  const file = await readTaskFile(path);
  if (Object.hasOwn(file.document, 'group')) return loadGroup(file, above);
  const { document, warnings } = withoutForeignFields(file.document, file.place);
  const config = check(taskSchema, named(document, path), file);
  const doubts = checkTask(config, file.place);
  const metrics = taskMetrics(config, file.place);
  return {
    kind: 'task',
    name: config.task,
    alias: config.task_alias ?? config.task,
    tags: listOf(config.tag),
    version: String(config.metadata.version),
    config,
    file: path,
    folder: file.folderOf('dataset_kwargs'),
    hash: hashOf(config),
    metrics,
    warnings: [...warnings, ...doubts],
  };
}

async function loadGroup(file: TaskFile, above: readonly string[]): Promise<TaskGroup> {
  const config = check(groupSchema, file.document, file);
  if (above.includes(config.group)) {
    throw new UsageError({
      field: file.place(['group']),
      found: `the group ${config.group} within itself`,
      expected: 'groups without a circle',
      fix: 'Remove it from the inner group.',
    });
  }
  const folder = file.folderOf('task');
  const members: (Task | TaskGroup)[] = [];
  for (const member of listOf(config.task)) {
    const name = extname(member) === '.yaml' ? member : `${member}.yaml`;
    members.push(await load(await containedPath(folder, name), [...above, config.group]));
  }
  refuseTwice(members, file);
  return {
    kind: 'group',
    name: config.group,
    alias: config.group_alias ?? config.group,
    version: String(config.metadata.version),
    members,
    aggregates: aggregatesOf(config),
    warnings: members.flatMap(({ warnings }) => warnings),
  };
}

function refuseTwice(members: readonly (Task | TaskGroup)[], file: TaskFile): void {
  const names = members.flatMap(tasksOf).map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) < i);
  if (twice === undefined && names.length <= MAX_MEMBERS) return;
  throw new UsageError({
    field: file.place(['task']),
    found: twice === undefined ? `${names.length} tasks` : `the task ${twice} twice`,
    expected: `at most ${MAX_MEMBERS} tasks, each once`,
    fix: 'Remove it.',
  });
}

function aggregatesOf({ aggregate_metric_list: list }: GroupConfig): TaskGroup['aggregates'] {
  return listOf(list).map(({ metric, weight_by_size, filter_list }) => ({
    metric,
    filters: filter_list === undefined ? undefined : listOf(filter_list),
    weightBySize: weight_by_size,
  }));
}

function check<T extends z.ZodType>(schema: T, document: unknown, file: TaskFile): z.output<T> {
  const result = schema.safeParse(document);
  if (result.success) return result.data;
  const json = z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
  const { path, found, expected, fix } = explainIssues(result.error.issues, document, json);
  throw new UsageError({ field: file.place(path), found, expected, fix });
}

/** A file without `task` is named after itself. */
function named(document: Readonly<Record<string, unknown>>, path: string): unknown {
  if (Object.hasOwn(document, 'task')) return document;
  const folder = basename(dirname(path));
  const name = basename(path, extname(path));
  return { task: name === 'index' ? folder : name, ...document };
}

/** Of what decides about prompts and scores; names, tags and what is said about the data do not. */
function hashOf({ task_alias, tag, dataset_card, metadata, ...config }: TaskConfig): string {
  return createHash('sha256')
    .update(canonicalJson({ ...config, version: metadata.version }))
    .digest('hex');
}

function listOf<T>(value: T | readonly T[] | undefined): readonly T[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value as T];
}
