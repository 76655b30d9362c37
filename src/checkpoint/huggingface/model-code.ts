/**
 * The Python that a model folder brings with it and names in `auto_map`: a loader who trusts the folder (`trust_remote_code` of
 * transformers) runs it. Here it is only looked for, to be copied with the model; what is read of it are the names of the
 * files beside it that it imports.
 */
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../errors.ts';
import { containedPath } from '../../files/contained-path.ts';
import { isJsonObject, type JsonObject, readJsonObject } from '../../files/json-file.ts';
import { exists } from '../../files/temporary-name.ts';
import { linkBoundary } from './link-boundary.ts';

export interface ModelCode {
  /** Paths by file name. */
  readonly files: ReadonlyMap<string, string>;
  /** Files that are named and not there. */
  readonly missing: readonly string[];
  /** Those of either that `config.json` leads to; the tokenizer has the others to itself. */
  readonly ofModel: ReadonlySet<string>;
}

/** Far more than the code of any model. */
const mostFiles = 32;
const mostBytes = 2 ** 20;

/**
 * @throws InputError for a name that is no module of the folder, a link that leaves it, what is no file, or more than code is
 * long
 */
export async function findModelCode(folder: string): Promise<ModelCode> {
  const boundary = linkBoundary(folder);
  const files = new Map<string, string>();
  const missing: string[] = [];
  const named = new Set<string>();
  const follow = async () => {
    // A set goes on to what is added on the way.
    for (const module of named) {
      const name = `${module}.py`;
      if (files.has(name) || missing.includes(name)) continue;
      if (named.size > mostFiles) throw refuse(folder, `${named.size} files of code`, `at most ${mostFiles}`);
      const path = await containedPath(folder, name, { boundary });
      if (await exists(path)) {
        files.set(name, path);
        for (const imported of await importedModules(path)) named.add(imported);
      } else missing.push(name);
    }
  };
  for (const module of await namedModules(join(folder, 'config.json'))) named.add(module);
  await follow();
  const ofModel = new Set([...files.keys(), ...missing]);
  for (const module of await namedModules(join(folder, 'tokenizer_config.json'))) named.add(module);
  await follow();
  return { files, missing, ofModel };
}

/** Of `auto_map` in a configuration. */
async function namedModules(path: string): Promise<readonly string[]> {
  if (!(await exists(path))) return [];
  return references(await readJsonObject(path), `${path}, auto_map`).flatMap(
    ([field, reference]) => moduleOf(reference, field) ?? [],
  );
}

/** A class, or a list of them in which there may be none: a tokenizer has a slow form and a fast one. */
function references(
  { auto_map: map }: JsonObject,
  field: string,
): readonly (readonly [field: string, reference: unknown])[] {
  if (map == null) return [];
  if (!isJsonObject(map))
    throw refuse(field, JSON.stringify(map).slice(0, 100), 'classes by the name of what they stand for');
  return Object.entries(map).flatMap(([key, value]) => {
    const each = Array.isArray(value) ? value : [value];
    return each.filter((reference) => reference != null).map((reference) => [`${field}.${key}`, reference] as const);
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
