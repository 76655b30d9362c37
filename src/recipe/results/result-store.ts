/**
 * Results of stages, each in a folder under the hash of all that it depends on:
 *
 *     results/cpt-0123456789ab/   config.json, checkpoint/, adapter/, metrics.json, gate.json, finished.json
 *     stages/01-cpt               a link to it, from the recipe that was run last
 *
 * A result is finished when finished.json says so, and good when the files that it vouches for are what they were.
 */
import { lstat, mkdir, readdir, readFile, rm, symlink, unlink } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { manifestFileName, readManifest, verifyManifest } from '../../checkpoint/manifest.ts';
import { InputError, UsageError } from '../../errors.ts';
import { writeFileAtomically } from '../../files/atomic-write.ts';
import { hashFile } from '../../files/hash-file.ts';
import { sampleLogName } from '../../stages/samples/sample-log.ts';
import { nameOfResult, type ResultId } from '../plan/plan-stages.ts';
import { type Outcome, outcomeSchemas } from './outcome.ts';

export interface ResultPaths {
  readonly folder: string;
  readonly config: string;
  /** Weights as they are used; those to go on from are in `checkpoints`. */
  readonly checkpoint: string;
  /** Of a stage that trained one. */
  readonly adapter: string;
  readonly checkpoints: string;
  readonly metrics: string;
  readonly gate: string;
  readonly evaluation: string;
}

const finishedSchema = z.strictObject({
  version: z.literal(1),
  key: z.string(),
  /** SHA-256 by path, relative to the folder of the result; of a checkpoint its manifest. */
  files: z.record(z.string(), z.string()),
  outcome: z.json(),
});

/** `good` with what the stage told when it was done, `damaged` with the reason, or `missing`. */
export type ResultState =
  | { readonly state: 'good'; readonly outcome: Outcome }
  | { readonly state: 'damaged'; readonly reason: string }
  | { readonly state: 'missing' };

export class ResultStore {
  readonly #run: string;

  /** @param run folder of the run */
  constructor(run: string) {
    this.#run = run;
  }

  paths(result: ResultId): ResultPaths {
    const folder = join(this.#run, 'results', nameOfResult(result));
    const at = (name: string) => join(folder, name);
    return {
      folder,
      config: at('config.json'),
      checkpoint: at('checkpoint'),
      adapter: at('adapter'),
      checkpoints: at('checkpoints'),
      metrics: at('metrics.json'),
      gate: at('gate.json'),
      evaluation: at('evaluation'),
    };
  }

  /** Reads all that a finished result vouches for. */
  async look(result: ResultId): Promise<ResultState> {
    const { folder } = this.paths(result);
    const text = await readFile(finishedFile(folder), 'utf8').catch(() => undefined);
    if (text === undefined) return { state: 'missing' };
    const finished = finishedSchema.safeParse(asJson(text));
    if (!finished.success) return { state: 'damaged', reason: `${finishedFile(folder)} cannot be read` };
    // The folder's name has a part of the key only.
    if (finished.data.key !== result.key) return { state: 'missing' };
    for (const [name, hash] of Object.entries(finished.data.files)) {
      const reason = await difference(join(folder, name), hash);
      if (reason !== undefined) return { state: 'damaged', reason };
    }
    const outcome = outcomeSchemas[result.kind].safeParse(finished.data.outcome);
    if (outcome.success) return { state: 'good', outcome: outcome.data };
    const field = ['outcome', ...outcome.error.issues[0].path].join('.');
    return { state: 'damaged', reason: `${field} of ${finishedFile(folder)} is not what a stage tells` };
  }

  /** Marks a result as finished. @param files absolute paths that it vouches for */
  async finish(result: ResultId, outcome: Outcome, files: readonly string[]): Promise<void> {
    const { folder } = this.paths(result);
    const hashes: Record<string, string> = {};
    for (const file of files) hashes[relative(folder, file)] = await hashFile(file);
    const document = { version: 1, key: result.key, files: hashes, outcome };
    await writeFileAtomically(finishedFile(folder), `${JSON.stringify(document)}\n`);
  }

  /** What was made, so that it is made again; measurements of it stay, because it will be the same. */
  async forget(result: ResultId): Promise<void> {
    const { folder, checkpoint, adapter, checkpoints, evaluation } = this.paths(result);
    const samples = join(folder, sampleLogName);
    for (const path of [finishedFile(folder), checkpoint, adapter, checkpoints, evaluation, samples]) {
      await rm(path, { recursive: true, force: true });
    }
  }

  /** The step that a stage can go on from; undefined for one that was not begun. */
  async stepOf(result: ResultId): Promise<number | undefined> {
    const names = await readdir(this.paths(result).checkpoints).catch(() => []);
    const steps = names.flatMap((name) => {
      const match = /^step-(\d+)$/.exec(name);
      return match ? [Number(match[1])] : [];
    });
    return steps.length === 0 ? undefined : Math.max(...steps);
  }

  /** Points `stages/<nn>-<name>` to the result. @returns the name of the link @throws UsageError if something else is there */
  async link(number: number, name: string, result: ResultId): Promise<string> {
    const nameOfLink = `${String(number).padStart(2, '0')}-${name}`;
    const link = join(this.#run, 'stages', nameOfLink);
    await mkdir(dirname(link), { recursive: true });
    await removeLink(link);
    // Relative, so that the folder of the run can be moved; Windows makes a junction of it, which cannot.
    await symlink(join('..', 'results', nameOfResult(result)), link, 'junction');
    return nameOfLink;
  }

  /** Removes the links that an earlier recipe has left. @param names those that stay */
  async keepLinks(names: ReadonlySet<string>): Promise<void> {
    const folder = join(this.#run, 'stages');
    for (const name of await readdir(folder).catch(() => [])) {
      if (!names.has(name)) await removeLink(join(folder, name));
    }
  }

  /** Folders of results that are not among those named, with what they take. */
  async unused(results: readonly ResultId[]): Promise<UnusedResult[]> {
    const used = new Set(results.map(nameOfResult));
    const folder = join(this.#run, 'results');
    const names = (await readdir(folder).catch(() => [])).filter((name) => !used.has(name) && RESULT.test(name));
    return Promise.all(names.sort().map(async (name) => ({ name, bytes: await bytesIn(join(folder, name)) })));
  }

  async remove({ name }: UnusedResult): Promise<void> {
    await rm(join(this.#run, 'results', basename(name)), { recursive: true, force: true });
  }
}

export interface UnusedResult {
  readonly name: string;
  readonly bytes: number;
}

const RESULT = /^[a-z]+-[0-9a-f]{12}$/;

const finishedFile = (folder: string): string => join(folder, 'finished.json');

async function difference(path: string, hash: string): Promise<string | undefined> {
  const found = await hashFile(path).catch(() => undefined);
  if (found === undefined) return `${path} is not there`;
  if (found !== hash) return `${path} is not what was written`;
  if (basename(path) !== manifestFileName) return undefined;
  try {
    await verifyManifest(dirname(path), await readManifest(dirname(path)));
    return undefined;
  } catch (error) {
    if (error instanceof InputError)
      return `${error.problem.field} has ${error.problem.found} instead of ${error.problem.expected}`;
    throw error;
  }
}

/** Never what a link points to, and never a folder. */
async function removeLink(path: string): Promise<void> {
  const status = await lstat(path).catch(() => undefined);
  if (status === undefined) return;
  if (status.isSymbolicLink()) return unlink(path);
  throw new UsageError({
    field: path,
    found: 'a folder of its own',
    expected: 'a link to a result',
    fix: 'Move it elsewhere, or choose another folder for the run (--out).',
  });
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const sizes = entries
    .filter((entry) => entry.isFile())
    .map(async (entry) => (await lstat(join(entry.parentPath, entry.name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
