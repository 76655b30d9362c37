/**
 * The folder of a run, and what stands where in it:
 *
 *     recipe.resolved.yaml   the recipe with every default: running it again reproduces the run
 *     recipe.<hash>.yaml     recipes that were run here before
 *     run.json               state, versions, machine, hashes
 *     events.jsonl           loss and other metrics, append-only
 *     results/               what stages made, see `results/result-store.ts`
 *     stages/01-cpt          links to those of the recipe
 *     report.html            MODEL_CARD.md
 */
import { createHash } from 'node:crypto';
import { readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { InputError, UsageError } from '../errors.ts';
import { writeFileAtomically } from '../files/atomic-write.ts';
import { lockFolder } from '../files/folder-lock.ts';
import { readJsonObject } from '../files/json-file.ts';
import { makeFolder } from '../files/make-folder.ts';
import { describeEnvironment, type Environment } from '../observe/environment.ts';
import { parseYaml } from '../yaml/yaml-text.ts';
import { formatRecipe } from './format-recipe.ts';
import type { LoadedRecipe } from './load-recipe.ts';
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

export interface RunFolder {
  /** Absolute, without links. */
  readonly path: string;
  /** The recipe with paths relative to `path`. */
  readonly recipe: Recipe;
  /** What is here already: nothing, a run of this recipe, or one of another recipe, whose results may serve. */
  readonly found: 'nothing' | 'same' | 'other';
  /** Whether results of another recipe are here: one that has more than other stages of the same. */
  readonly isEdited: boolean;
  readonly files: { readonly recipe: string; readonly events: string; readonly report: string; readonly card: string };
  readonly record: RunRecord;
  /** Adds hashes to run.json. */
  addHashes(hashes: Readonly<Record<string, string>>): Promise<void>;
  /** Writes how the run ended and lets others in. */
  close(state: Exclude<RunState, 'running'>): Promise<void>;
}

export interface RunFolderOptions {
  readonly now?: () => Date;
}

/**
 * Makes the folder of a run, or goes on in the one that is there. Another recipe takes the place of the one before, which is
 * kept beside it.
 * @throws UsageError if it holds other things, or if another process works in it.
 */
export async function openRunFolder(
  folder: string,
  loaded: Pick<LoadedRecipe, 'recipe' | 'folder'>,
  { now = () => new Date() }: RunFolderOptions = {},
): Promise<RunFolder> {
  const path = await makeFolder(folder, 'the run');
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
    const text = formatRecipe(recipe);
    const before = (await holdsRun(path)) ? await readFile(files.recipe, 'utf8') : undefined;
    const found = before === undefined ? 'nothing' : before === text ? 'same' : 'other';
    if (before !== undefined && found === 'other') {
      await writeFileAtomically(join(path, `recipe.${sha256(before).slice(0, 12)}.yaml`), before);
    }
    if (found !== 'same') await writeFileAtomically(files.recipe, text);

    const earlier = found === 'nothing' ? undefined : await readRecord(runFile);
    let record: RunRecord = {
      name: recipe.name,
      state: 'running',
      started: earlier?.started ?? now().toISOString(),
      ended: null,
      sessions: (earlier?.sessions ?? 0) + 1,
      ...describeEnvironment(),
      hashes: { ...earlier?.hashes, recipe: sha256(text) },
    };
    const write = (changes: Partial<RunRecord>) => {
      record = { ...record, ...changes };
      return writeFileAtomically(runFile, `${JSON.stringify(record, undefined, 2)}\n`);
    };
    await write({});
    return {
      path,
      recipe,
      found,
      isEdited: found === 'other' && (await holdsResults(path)) && !isSameButForStages(before!, recipe),
      files,
      get record() {
        return record;
      },
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

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

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

/** Whether a stage came to the point of making something here. */
async function holdsResults(path: string): Promise<boolean> {
  const names = await readdir(join(path, 'results')).catch(() => []);
  return names.some((name) => !name.startsWith('base-'));
}

/** What cannot be read any more is another recipe. */
function readResolved(text: string): Partial<Recipe> {
  try {
    return parseYaml(text, 'recipe.resolved.yaml').value as Recipe;
  } catch (error) {
    if (error instanceof UsageError) return {};
    throw error;
  }
}

/** Whether a selection of stages may be all that tells two recipes apart. @param before a resolved recipe, as a file has it */
function isSameButForStages(before: string, { stages, ...rest }: Recipe): boolean {
  const { stages: earlier, ...restBefore } = readResolved(before);
  if (!isDeepStrictEqual(restBefore, JSON.parse(JSON.stringify(rest)))) return false;
  return stages.every((stage) => {
    const same = earlier?.find(({ name }) => name === stage.name);
    // A stage takes the input of one that is skipped.
    return (
      same === undefined || isDeepStrictEqual({ ...same, from: '' }, JSON.parse(JSON.stringify({ ...stage, from: '' })))
    );
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
