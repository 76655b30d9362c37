/** Models and adapters that the merges of a run take from elsewhere: found, fetched and hashed before the run begins. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { resolveModel } from '../../checkpoint/hub/resolve-model.ts';
import { InputError } from '../../errors.ts';
import { hashFile } from '../../files/hash-file.ts';
import { findNamed } from '../../merge/recipe/find-named.ts';
import { pathOfModel } from '../../merge/recipe/map-models.ts';
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

/** By their names in the recipe. @throws as `resolveModel`, with the place in the recipe; InputError for a folder that is not there */
export async function findMergeFolders(
  { stages }: Recipe,
  { root, signal, onProgress, onWarning }: FindOptions,
): Promise<ReadonlyMap<string, MergeFolder>> {
  const folders = new Map<string, MergeFolder>();
  const resolve = (name: string) =>
    resolveModel(name, {
      root,
      signal,
      onWarning,
      onProgress: ({ done, total }) => onProgress({ stage: `fetch ${name}`, step: done, total, unit: 'bytes' }),
    });
  for (const stage of stages.filter((each) => 'merge' in each)) {
    for (const name of mergedFolders(stage.merge)) {
      if (folders.has(name)) continue;
      const place = `${['merge', ...pathOfModel(stage.merge, name)].join('.')} of the stage ${stage.name}`;
      const path = await findNamed(name, { place, resolve });
      folders.set(name, { path, hash: await hashFolder(path) });
    }
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
