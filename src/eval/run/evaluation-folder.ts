/**
 * Where an evaluation is kept:
 *
 *     evaluation.json      the model, the settings, versions and hashes of tasks, when, on which machine
 *     items/<task>.jsonl   what was asked and answered, an item a line, written as answers come
 *     scores/<task>.jsonl  the score of each item
 *     judge.jsonl          what a judge answered, so that it is not asked again
 *     results.json         the numbers
 *     report.html          the numbers to look at
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { InputError, UsageError } from '../../errors.ts';
import { writeFileAtomically } from '../../files/atomic-write.ts';
import { lockFolder } from '../../files/folder-lock.ts';
import { makeFolder } from '../../files/make-folder.ts';
import { describeEnvironment, type Environment } from '../../observe/environment.ts';
import type { LanguageModel } from '../model/language-model.ts';
import type { Task } from '../tasks/task.ts';

/** How items were asked; `limit` may grow from one time to the next. */
export type EvaluationSettings = Readonly<Record<string, string | number | boolean>>;

const recordSchema = z.object({
  model: z.object({ name: z.string(), identity: z.string() }),
  settings: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  tasks: z.record(z.string(), z.object({ version: z.string(), hash: z.string() })),
  state: z.enum(['running', 'done', 'interrupted', 'failed']),
  started: z.string(),
  ended: z.string().nullable(),
});

export type EvaluationRecord = z.infer<typeof recordSchema> & { readonly environment?: Environment };

export interface EvaluationFolder {
  readonly path: string;
  readonly record: EvaluationRecord;
  write(name: 'results.json' | 'report.html', text: string): Promise<void>;
  /** Writes how the evaluation ended and lets others in. */
  close(state: 'done' | 'interrupted' | 'failed'): Promise<void>;
}

/**
 * Makes the folder of an evaluation, or goes on with the one that is there.
 * @throws UsageError if the folder holds something else, an evaluation of another model, other tasks or other settings, or
 * if another process works in it
 */
export async function openEvaluationFolder(
  folder: string,
  model: Pick<LanguageModel, 'name' | 'identity'>,
  tasks: readonly Task[],
  settings: EvaluationSettings,
): Promise<EvaluationFolder> {
  const path = await makeFolder(folder, 'the evaluation');
  const lock = await lockFolder(path);
  try {
    const file = join(path, 'evaluation.json');
    const names = (await readdir(path)).filter((name) => !name.startsWith('.'));
    const earlier = names.length === 0 ? undefined : await continued(path, names);
    let record: EvaluationRecord = {
      model: { name: model.name, identity: model.identity },
      settings,
      tasks: Object.fromEntries(tasks.map(({ name, version, hash }) => [name, { version, hash }])),
      state: 'running',
      started: earlier?.started ?? new Date().toISOString(),
      ended: null,
      environment: describeEnvironment(),
    };
    if (earlier) refuseOther(path, earlier, record);
    const save = (changes: Partial<EvaluationRecord>) => {
      record = { ...record, ...changes };
      return writeFileAtomically(file, `${JSON.stringify(record, undefined, 2)}\n`);
    };
    await save({});
    return {
      path,
      get record() {
        return record;
      },
      write: (name, text) => writeFileAtomically(join(path, name), text),
      async close(state) {
        try {
          await save({ state, ended: new Date().toISOString() });
        } finally {
          await lock.release();
        }
      },
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/**
 * What `evaluation.json` of a folder says.
 * @throws InputError where there is none, or none that can be understood
 */
export async function readEvaluationRecord(folder: string): Promise<EvaluationRecord> {
  const file = join(folder, 'evaluation.json');
  const text = await readFile(file, 'utf8').catch(() => undefined);
  const expected = 'a folder that finery eval --out has written';
  if (text === undefined) {
    throw new InputError({ field: folder, found: 'no evaluation.json', expected, fix: 'Name another folder.' });
  }
  const parsed = recordSchema.safeParse(asJson(text));
  if (parsed.success) return parsed.data;
  const found = z.prettifyError(parsed.error).split('\n')[0];
  throw new InputError({ field: file, found, expected, fix: 'Evaluate again into a new folder.' });
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A task's name may hold anything, that of a file may not. */
export const fileOfTask = (name: string): string => `${name.replace(/[^\w.-]/g, '_').replace(/^\./, '_')}.jsonl`;

async function continued(path: string, names: readonly string[]): Promise<EvaluationRecord> {
  if (names.includes('evaluation.json')) return readEvaluationRecord(path);
  throw refuse(path, `a folder with other things in it (${names.slice(0, 3).join(', ')})`, 'a new or empty folder');
}

/** Answers are never thrown away for those of another evaluation. */
function refuseOther(path: string, earlier: EvaluationRecord, now: EvaluationRecord): void {
  if (earlier.model.identity !== now.model.identity) {
    throw refuse(path, `an evaluation of another model, ${earlier.model.name}`, `one of ${now.model.name}`);
  }
  const changed = [...new Set([...Object.keys(earlier.settings), ...Object.keys(now.settings)])].find(
    (name) => name !== 'limit' && earlier.settings[name] !== now.settings[name],
  );
  if (changed !== undefined) {
    const told = (value: unknown) => (value === undefined ? `no ${changed}` : `${changed} ${JSON.stringify(value)}`);
    throw refuse(
      path,
      `an evaluation with ${told(earlier.settings[changed])}`,
      `one with ${told(now.settings[changed])}`,
    );
  }
  const tasks = ({ tasks: all }: EvaluationRecord) =>
    Object.entries(all).map(([name, { version, hash }]) => `${name} ${version} (${hash.slice(0, 8)})`);
  const other =
    tasks(earlier).find((task) => !tasks(now).includes(task)) ??
    tasks(now).find((task) => !tasks(earlier).includes(task));
  if (other === undefined) return;
  const where = tasks(now).includes(other) ? 'without' : 'with';
  throw refuse(path, `an evaluation ${where} the task ${other}`, 'one of the same tasks, of the same versions');
}

const refuse = (path: string, found: string, expected: string): UsageError =>
  new UsageError({ field: path, found, expected, fix: 'Choose another folder for --out.' });
