/**
 * File names that come from input (a shard in an index, a file in a manifest) and must stay inside their folder.
 * The check is made once, before opening: it protects against hostile files, not against someone who rewrites the folder
 * at the same moment.
 */
import { lstat, realpath } from 'node:fs/promises';
import { dirname, isAbsolute, relative, resolve, sep } from 'node:path';
import { InputError } from '../errors.ts';

export interface ContainedPathOptions {
  /** The folder which links may lead to; default the folder itself. A hub cache keeps its files in a sibling folder. */
  readonly boundary?: string;
}

/**
 * The path of `name` inside `folder`; it need not exist.
 * @throws InputError if `name` is empty, absolute, climbs out, or goes through a link that leaves the boundary.
 */
export async function containedPath(folder: string, name: string, options: ContainedPathOptions = {}): Promise<string> {
  // A backslash is an ordinary character here and a separator on Windows: no honest checkpoint has one.
  if (name === '' || /[\\\0]/.test(name) || isAbsolute(name) || /^[a-z]:/i.test(name)) throw refuse(folder, name);
  const path = resolve(folder, name);
  if (!isWithin(resolve(folder), path) || name.split('/').includes('..')) throw refuse(folder, name);
  const boundary = await realpath(options.boundary ?? folder);
  const real = await realAncestor(path);
  if (real === undefined || !isWithin(boundary, real, true)) throw refuse(folder, name);
  return path;
}

/** The real path of `path`, or of its nearest ancestor that exists; undefined where a link leads nowhere and where there can be no file. */
async function realAncestor(path: string): Promise<string | undefined> {
  try {
    return await realpath(path);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENAMETOOLONG', 'ENOTDIR', 'ELOOP'].includes(code)) return undefined;
    if (code !== 'ENOENT' || dirname(path) === path) throw error;
    const isLink = await lstat(path).then(
      () => true,
      () => false,
    );
    return isLink ? undefined : realAncestor(dirname(path));
  }
}

function isWithin(folder: string, path: string, orEqual = false): boolean {
  const way = relative(folder, path);
  return way === '' ? orEqual : way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function refuse(folder: string, name: string): InputError {
  return new InputError({
    field: folder,
    found: `the file name ${JSON.stringify(name)}`,
    expected: 'a relative path that stays in this folder',
    fix: 'Do not trust this folder; if it is yours, correct the name.',
  });
}
