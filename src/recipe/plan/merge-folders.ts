/** Models and adapters that the merges of a run take from elsewhere: found, fetched and hashed before the run begins. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveModel } from '../../checkpoint/hub/resolve-model.ts';
import { InputError } from '../../errors.ts';
import { hashFile } from '../../files/hash-file.ts';
import type { Progress } from '../../observe/progress.ts';
import { mergedFolders } from '../schema/merge.ts';
import type { Recipe } from '../schema/recipe.ts';
import { hashOf } from './plan-stages.ts';

export interface MergeFolder {
  readonly path: string;
  /** Of everything that a model is made of. */
  readonly hash: string;
}

interface FindOptions {
  readonly root: string;
  readonly signal?: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  readonly onWarning: (message: string) => void;
}

/** By their names in the recipe. @throws as `resolveModel`; InputError for a folder that is not there */
export async function findMergeFolders(
  { stages }: Recipe,
  { root, signal, onProgress, onWarning }: FindOptions,
): Promise<ReadonlyMap<string, MergeFolder>> {
  const names = new Set(stages.flatMap((stage) => ('merge' in stage ? mergedFolders(stage.merge) : [])));
  const folders = new Map<string, MergeFolder>();
  for (const name of names) {
    const path = await resolveModel(name, {
      root,
      signal,
      onWarning,
      onProgress: ({ done, total }) => onProgress({ stage: `fetch ${name}`, step: done, total, unit: 'bytes' }),
    });
    folders.set(name, { path, hash: await hashFolder(path) });
  }
  return folders;
}

/** Configurations, tokenizers and weights; a README may change. */
const ofModel = /\.(safetensors|json|jinja|model|txt)$/;

async function hashFolder(folder: string): Promise<string> {
  const names = await readdir(folder).catch((cause: Error) => {
    const problem = { field: folder, found: cause.message, expected: 'the folder of a model or an adapter' };
    throw new InputError({ ...problem, fix: 'Check the path, which starts from the folder of the recipe.' }, { cause });
  });
  const parts: (readonly [string, string])[] = [];
  for (const name of names.filter((each) => ofModel.test(each)).sort()) {
    const path = join(folder, name);
    if ((await stat(path)).isFile()) parts.push([name, await hashFile(path)]);
  }
  return hashOf(parts);
}
