/** From files, folders and glob patterns to the list of data files that they name, in an order that is always the same. */

import { readdir, realpath, stat } from 'node:fs/promises';
import { relative, resolve, sep } from 'node:path';
import { InputError } from '../../errors.ts';
import { FORMAT_ENDINGS, formatReader } from './formats.ts';
import { globMatcher, isGlob, splitGlob } from './glob.ts';

export interface SourceFile {
  readonly path: string;
  /** Relative to `root`, with '/' between names. */
  readonly source: string;
}

export interface ExpandedSources {
  readonly files: readonly SourceFile[];
  /** What folders hold that no reader knows. */
  readonly ignored: readonly string[];
}

const MAX_FILES = 1_000_000;

/**
 * Sources stay in the order given; a folder (all levels) or a pattern gives its files sorted by name, without hidden ones. A
 * file named twice is read once. Throws an `InputError` for a source that is missing, of unknown format or without files.
 */
export async function expandSources(sources: string | readonly string[], root: string): Promise<ExpandedSources> {
  const files = new Map<string, SourceFile>();
  const ignored: string[] = [];
  for (const source of typeof sources === 'string' ? [sources] : sources) {
    const paths = await expand(source, root, ignored);
    if (paths.length === 0) throw nothingFound(source);
    for (const path of paths) {
      // By the real path, so that links to one file do not make it two.
      const real = await realpath(path);
      if (!files.has(real)) files.set(real, { path, source: displayPath(path, root) });
    }
    if (files.size > MAX_FILES) throw tooMany(source);
  }
  return { files: [...files.values()], ignored };
}

async function expand(source: string, root: string, ignored: string[]): Promise<string[]> {
  const path = resolve(root, source);
  const info = await stat(path).catch(() => undefined);
  if (info?.isFile()) {
    if (formatReader(path) !== undefined) return [path];
    throw new InputError({
      field: source,
      found: 'a file of unknown format',
      expected: `a name that ends in ${FORMAT_ENDINGS.join(', ')}, or one of them and .gz`,
      fix: 'Rename or convert the file.',
    });
  }
  if (info?.isDirectory()) return readable(await walk(path), root, ignored);
  if (info === undefined && isGlob(source)) {
    const { base, rest } = splitGlob(source.split(sep).join('/'));
    const folder = resolve(root, base === '' && source.startsWith('/') ? '/' : base);
    const matches = globMatcher(rest);
    const all = await walk(folder).catch(() => []);
    return readable(
      all.filter((file) => matches(toSlashes(relative(folder, file)))),
      root,
      ignored,
    );
  }
  throw new InputError({
    field: source,
    found: info === undefined ? 'no such file or folder' : 'neither a file nor a folder',
    expected: 'a data file, a folder or a glob pattern',
    fix: `Check the path; it is relative to ${root}.`,
  });
}

/** Regular files below a folder, sorted; links to folders are followed, but never in a circle. */
async function walk(folder: string, above: ReadonlySet<string> = new Set()): Promise<string[]> {
  const real = await realpath(folder);
  if (above.has(real)) return [];
  const path = new Set(above).add(real);
  const found: string[] = [];
  const names = (await readdir(folder)).filter((name) => !name.startsWith('.')).sort(byCodeUnits);
  for (const name of names) {
    const child = resolve(folder, name);
    const info = await stat(child).catch(() => undefined);
    if (info?.isDirectory()) found.push(...(await walk(child, path)));
    else if (info?.isFile()) found.push(child);
    if (found.length > MAX_FILES) throw tooMany(folder);
  }
  return found;
}

function readable(paths: readonly string[], root: string, ignored: string[]): string[] {
  const known = paths.filter((path) => formatReader(path) !== undefined);
  for (const path of paths) if (formatReader(path) === undefined) ignored.push(displayPath(path, root));
  return known;
}

/** Not by locale: the order decides what a run sees first. */
function byCodeUnits(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function displayPath(path: string, root: string): string {
  return toSlashes(relative(root, path));
}

function toSlashes(path: string): string {
  return path.split(sep).join('/');
}

function nothingFound(source: string): InputError {
  return new InputError({
    field: source,
    found: 'no data files',
    expected: `files that end in ${FORMAT_ENDINGS.join(', ')}, or one of them and .gz`,
    fix: 'Check the pattern or the folder.',
  });
}

function tooMany(source: string): InputError {
  return new InputError({
    field: source,
    found: `more than ${MAX_FILES} files`,
    expected: 'fewer',
    fix: 'Join small files, or name a narrower folder.',
  });
}
