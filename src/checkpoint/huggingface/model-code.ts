/**
 * The Python that a model folder brings with it and names in `auto_map`: a loader who trusts the folder (`trust_remote_code` of
 * transformers) runs it. Here it is only looked for, to be copied with the model; what is read of it are the names of the
 * files beside it that it imports.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../errors.ts';
import { containedPath } from '../../files/contained-path.ts';
import { isJsonObject, readJsonObject } from '../../files/json-file.ts';
import { exists } from '../../files/temporary-name.ts';
import { linkBoundary } from './link-boundary.ts';

export interface FolderCode {
  /** Paths by file name. */
  readonly files: ReadonlyMap<string, string>;
  /** Files that are named and not there. */
  readonly missing: readonly string[];
}

/** Far more than the code of any model. */
const mostFiles = 32;
const mostBytes = 2 ** 20;

/** What `auto_map` of `config.json` says of the tokenizer. */
export const tokenizerClass = 'AutoTokenizer';

/**
 * The code of the model itself: what `config.json` names, but for the tokenizer.
 * @throws InputError for a name that is no module of the folder, a link that leaves it, what is no file, or more than code is
 * long
 */
export async function findModelCode(folder: string): Promise<FolderCode> {
  const classes = await classesOf(join(folder, 'config.json'));
  return findCode(
    folder,
    classes.filter(({ key }) => key !== tokenizerClass),
  );
}

/**
 * The code of its tokenizer: what `tokenizer_config.json` names, or else `config.json`.
 * @throws as `findModelCode`
 */
export async function findTokenizerCode(folder: string): Promise<FolderCode> {
  const own = await classesOf(join(folder, 'tokenizer_config.json'));
  if (own.length > 0) return findCode(folder, own);
  const classes = await classesOf(join(folder, 'config.json'));
  return findCode(
    folder,
    classes.filter(({ key }) => key === tokenizerClass),
  );
}

interface NamedClass {
  /** The class of transformers that it stands for, such as `AutoModel`. */
  readonly key: string;
  /** For messages. */
  readonly field: string;
  readonly reference: unknown;
}

async function findCode(folder: string, classes: readonly NamedClass[]): Promise<FolderCode> {
  const boundary = linkBoundary(folder);
  const files = new Map<string, string>();
  const missing: string[] = [];
  const named = new Set(classes.flatMap(({ field, reference }) => moduleOf(reference, field) ?? []));
  // A set goes on to what is added on the way.
  for (const module of named) {
    if (named.size > mostFiles) throw refuse(folder, `${named.size} files of code`, `at most ${mostFiles}`);
    const name = `${module}.py`;
    const path = await containedPath(folder, name, { boundary });
    if (await exists(path)) {
      files.set(name, path);
      for (const imported of await importedModules(path)) named.add(imported);
    } else missing.push(name);
  }
  return { files, missing };
}

/** Of `auto_map` in a configuration, where there is one; older tokenizers have a list of theirs in its place. */
async function classesOf(path: string): Promise<readonly NamedClass[]> {
  if (!(await exists(path))) return [];
  const { auto_map: given } = await readJsonObject(path);
  const map = Array.isArray(given) ? { [tokenizerClass]: given } : given;
  const field = `${path}, auto_map`;
  if (map == null) return [];
  if (!isJsonObject(map)) {
    throw refuse(field, JSON.stringify(map).slice(0, 100), 'classes by the name of what they stand for');
  }
  return Object.entries(map).flatMap(([key, value]) => {
    // A tokenizer has a slow form and a fast one, of which there may be none.
    const references = Array.isArray(value) ? value : [value];
    return references
      .filter((reference) => reference != null)
      .map((reference) => ({ key, field: `${field}.${key}`, reference }));
  });
}

/** `module.Class`; undefined for `repository--module.Class`, which is fetched from the hub. */
function moduleOf(reference: unknown, field: string): string | undefined {
  if (typeof reference === 'string') {
    if (/^[\w.-]+(\/[\w.-]+)?--\w+\.\w+$/.test(reference)) return undefined;
    const [, module] = /^([A-Za-z_]\w*)\.[A-Za-z_]\w*$/.exec(reference) ?? [];
    if (module !== undefined) return module;
  }
  const found = JSON.stringify(reference).slice(0, 100);
  throw refuse(field, found, 'a class and the module of this folder that it is in, such as "modeling_x.Model"');
}

/** As transformers looks for them: `from .module import name`, `import .module`. */
async function importedModules(path: string): Promise<readonly string[]> {
  const status = await stat(path);
  if (!status.isFile()) throw refuse(path, 'no file', 'a file of Python');
  if (status.size > mostBytes) throw refuse(path, `${status.size} bytes`, `at most ${mostBytes} of Python`);
  const code = await readFile(path, 'utf8');
  return [...code.matchAll(/^[ \t]*(?:from[ \t]+\.(\w+)[ \t]+import|import[ \t]+\.(\w+))/gm)].map(([, a, b]) => a ?? b);
}

const refuse = (field: string, found: string, expected: string): InputError =>
  new InputError({ field, found, expected, fix: 'Do not trust this folder; if it is yours, correct it.' });
