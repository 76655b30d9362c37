/**
 * The folder of an ablation, and what stands where in it:
 *
 *     recipe.yaml                      the whole chain, every default filled in
 *     run/                             the run folder that the chains share, with their results
 *     chains/<variant>-seed-<seed>/    recipe.yaml, report.html and chain.json of each
 *     ablation.json  ablation.html     what came out
 */
import { mkdir, readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import { writeFileAtomically } from '../files/atomic-write.ts';
import { lockFolder } from '../files/folder-lock.ts';
import { makeFolder } from '../files/make-folder.ts';
import { formatRecipe } from '../recipe/format-recipe.ts';
import type { LoadedRecipe } from '../recipe/load-recipe.ts';
import { rebasePaths } from '../recipe/rebase-paths.ts';

export interface AblationFolder {
  /** Absolute, without links. */
  readonly path: string;
  readonly files: { readonly json: string; readonly report: string };
  release(): Promise<void>;
}

/**
 * Makes the folder of an ablation, or goes on in the one that is there, which no other process may work in meanwhile.
 * @throws UsageError if it is that of another recipe, or holds other things
 */
export async function openAblationFolder(
  folder: string,
  loaded: Pick<LoadedRecipe, 'recipe' | 'folder'>,
): Promise<AblationFolder> {
  const path = await makeFolder(folder, 'the ablation');
  const lock = await lockFolder(path);
  try {
    const recipe = formatRecipe(rebasePaths(loaded.recipe, { from: await realpath(loaded.folder), to: path }));
    const file = join(path, 'recipe.yaml');
    const found = (await readdir(path)).filter((name) => !name.startsWith('.'));
    if (found.length === 0) await writeFileAtomically(file, recipe);
    else if (!found.includes('recipe.yaml') || !found.includes('chains')) throw otherThings(path, found[0]);
    else if ((await readFile(file, 'utf8')) !== recipe) throw otherRecipe(path);
    await mkdir(join(path, 'chains'), { recursive: true });
    const files = { json: join(path, 'ablation.json'), report: join(path, 'ablation.html') };
    return { path, files, release: () => lock.release() };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

function otherThings(path: string, name: string): UsageError {
  return new UsageError({
    field: path,
    found: `other things, such as ${JSON.stringify(name)}`,
    expected: 'an empty folder or that of an ablation',
    fix: 'Choose another folder (--out).',
  });
}

function otherRecipe(path: string): UsageError {
  return new UsageError({
    field: path,
    found: 'the ablation of another recipe, or of this one before it was changed',
    expected: `an ablation of the same recipe: see ${join(path, 'recipe.yaml')}`,
    fix: 'Choose another folder (--out), or remove this one.',
  });
}
