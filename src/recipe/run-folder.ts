/**
 * The folder of a run, and what stands where in it:
 *
 *     recipe.resolved.yaml   the recipe with every default: running it again reproduces the run
 *     run.json               state, versions, machine, hashes
 *     events.jsonl           loss and other metrics, append-only
 *     stages/01-cpt/    config.json, checkpoint/, metrics.json
 *     report.html            MODEL_CARD.md
 */
import { createHash } from 'node:crypto';
import { mkdir, readdir, realpath } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { InputError, UsageError } from '../errors.ts';
import { writeFileAtomically } from '../files/atomic-write.ts';
import { lockFolder } from '../files/folder-lock.ts';
import { readJsonObject } from '../files/json-file.ts';
import { describeEnvironment, type Environment } from '../observe/environment.ts';
import { firstDifference } from './first-difference.ts';
import { formatRecipe } from './format-recipe.ts';
import { type LoadedRecipe, loadRecipe } from './load-recipe.ts';
import { rebasePaths } from './rebase-paths.ts';
import type { Recipe } from './schema/recipe.ts';

const states = ['running', 'interrupted', 'failed', 'done'] as const;
export type RunState = (typeof states)[number];

const recordSchema = z.looseObject({
  state: z.enum(states),
  started: z.string(),
  sessions: z.int().positive(),
  hashes: z.record(z.string(), z.string()),
});

/** `run.json`. */
interface RunRecord extends Environment {
  readonly name: string;
  readonly state: RunState;
  /** When the run was first begun, and when it came to its present end; ISO 8601, in UTC. */
  readonly started: string;
  readonly ended: string | null;
  /** How often it was begun or continued. */
  readonly sessions: number;
  /** SHA-256 by name: `recipe` is that of recipe.resolved.yaml, the others are the caller's. */
  readonly hashes: Readonly<Record<string, string>>;
}

export interface StagePaths {
  readonly folder: string;
  readonly config: string;
  readonly checkpoint: string;
  readonly metrics: string;
}

export interface RunFolder {
  /** Absolute, without links. */
  readonly path: string;
  /** The recipe with paths relative to `path`. */
  readonly recipe: Recipe;
  /** Whether an earlier run is continued. */
  readonly continued: boolean;
  readonly files: { readonly recipe: string; readonly events: string; readonly report: string; readonly card: string };
  readonly record: RunRecord;
  /** Where the n-th stage, from 1, keeps its files; 0 is the base. Nothing is made. */
  stage(number: number, name: string): StagePaths;
  /** Adds hashes to run.json. */
  addHashes(hashes: Readonly<Record<string, string>>): Promise<void>;
  /** Writes how the run ended and lets others in. */
  close(state: Exclude<RunState, 'running'>): Promise<void>;
}

export interface RunFolderOptions {
  readonly now?: () => Date;
}

/**
 * Makes the folder of a run, or continues the run that is there if its recipe is the same.
 * @throws UsageError if another recipe lives there (naming the first field that differs), if it holds other things, or if
 * another process works in it.
 */
export async function openRunFolder(
  folder: string,
  loaded: Pick<LoadedRecipe, 'recipe' | 'folder'>,
  { now = () => new Date() }: RunFolderOptions = {},
): Promise<RunFolder> {
  const path = await makeFolder(folder);
  const lock = await lockFolder(path);
  try {
    const recipe = rebasePaths(loaded.recipe, { from: await realpath(loaded.folder), to: path });
    const files = {
      recipe: join(path, 'recipe.resolved.yaml'),
      events: join(path, 'events.jsonl'),
      report: join(path, 'report.html'),
      card: join(path, 'MODEL_CARD.md'),
    };
    const runFile = join(path, 'run.json');
    const continued = await holdsRun(path);
    if (continued) await refuseOther(files.recipe, recipe);
    const text = formatRecipe(recipe);
    if (!continued) await writeFileAtomically(files.recipe, text);

    const earlier = continued ? await readRecord(runFile) : undefined;
    let record: RunRecord = {
      name: recipe.name,
      state: 'running',
      started: earlier?.started ?? now().toISOString(),
      ended: null,
      sessions: (earlier?.sessions ?? 0) + 1,
      ...describeEnvironment(),
      hashes: { ...earlier?.hashes, recipe: createHash('sha256').update(text).digest('hex') },
    };
    const write = (changes: Partial<RunRecord>) => {
      record = { ...record, ...changes };
      return writeFileAtomically(runFile, `${JSON.stringify(record, undefined, 2)}\n`);
    };
    await write({});
    return {
      path,
      recipe,
      continued,
      files,
      get record() {
        return record;
      },
      stage: (number, name) => stagePaths(path, number, name),
      addHashes: (hashes) => write({ hashes: { ...record.hashes, ...hashes } }),
      async close(state) {
        try {
          await write({ state, ended: now().toISOString() });
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

/** `stages/01-cpt` of a run folder. */
function stagePaths(run: string, number: number, name: string): StagePaths {
  const folder = join(run, 'stages', `${String(number).padStart(2, '0')}-${name}`);
  return {
    folder,
    config: join(folder, 'config.json'),
    checkpoint: join(folder, 'checkpoint'),
    metrics: join(folder, 'metrics.json'),
  };
}

async function makeFolder(folder: string): Promise<string> {
  try {
    await mkdir(folder, { recursive: true });
    return await realpath(folder);
  } catch (cause) {
    const problem = { field: resolve(folder), found: (cause as Error).message, expected: 'a folder for the run' };
    throw new UsageError({ ...problem, fix: 'Choose another place for it.' }, { cause });
  }
}

/** Whether a run lives here; files whose names begin with a dot are ours or the system's. */
async function holdsRun(path: string): Promise<boolean> {
  const names = (await readdir(path)).filter((name) => !name.startsWith('.'));
  if (names.includes('recipe.resolved.yaml')) return true;
  if (names.length === 0) return false;
  throw new UsageError({
    field: path,
    found: `other things, such as ${JSON.stringify(names[0])}`,
    expected: 'an empty folder or that of a run',
    fix: 'Choose another folder.',
  });
}

async function refuseOther(path: string, recipe: Recipe): Promise<void> {
  const { recipe: there } = await loadRecipe(path);
  const difference = firstDifference(there, recipe);
  if (difference === undefined) return;
  const { path: field, left, right } = difference;
  throw new UsageError({
    field: `${field.join('.') || 'recipe'} in ${path}`,
    found: show(left),
    expected: `${show(right)}, as in this recipe`,
    fix: 'Give this run another name (--set name=...) or another folder (--out), or remove the old one.',
  });
}

async function readRecord(path: string) {
  const result = recordSchema.safeParse(await readJsonObject(path).catch(missing));
  if (result.success) return result.data;
  // A crash between the first two files: the run had not begun.
  return undefined;
}

function missing(error: unknown): undefined {
  if (error instanceof InputError) return undefined;
  throw error;
}

const LONGEST_SHOWN = 80;

function show(value: unknown): string {
  const text = value === undefined ? 'nothing' : JSON.stringify(value);
  return text.length > LONGEST_SHOWN ? `${text.slice(0, LONGEST_SHOWN)}...` : text;
}
