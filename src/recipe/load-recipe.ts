/** Recipes from files: read, changed by `--set`, checked, and with every default filled in. */
import { basename, dirname, extname, resolve } from 'node:path';
import { isJsonObject } from '../files/json-file.ts';
import { readYamlFile } from '../yaml/read-yaml-file.ts';
import { parseYaml } from '../yaml/yaml-text.ts';
import { chooseRates } from './choose-rates.ts';
import { fieldPath } from './field-path.ts';
import { checkRecipe, fieldName } from './resolve-recipe.ts';
import type { Recipe } from './schema/recipe.ts';
import { assign, parseAssignment } from './set-values.ts';
import { substituteVariables } from './variables.ts';

export interface LoadOptions {
  /** Changes of the form `path=value`, applied in order. */
  readonly set?: readonly string[];
  /** Ends waiting for the hub, which is asked for the size of a base. */
  readonly signal?: AbortSignal;
}

export interface LoadedRecipe {
  /** Complete: every default is filled in. Paths in it are relative to `folder`. */
  readonly recipe: Recipe;
  /** Settings that were chosen by the size of the base, each with the reason. */
  readonly notes: readonly string[];
  /** Where a field that an error names was written: `mine.yaml, line 6, column 3` or the `--set`; undefined for no field. */
  readonly placeOf: (field: string) => string | undefined;
  /** The file's text, before any `set`. */
  readonly source: string;
  /** Absolute path of the file. */
  readonly path: string;
  /** Absolute path of the recipe's folder. */
  readonly folder: string;
}

/**
 * Reads a recipe; its name is that of the file unless it gives one.
 * @throws UsageError naming the line and the field, or the `--set` that it came from.
 */
export async function loadRecipe(path: string, { set = [], signal }: LoadOptions = {}): Promise<LoadedRecipe> {
  const source = await readYamlFile(path, 'a recipe', 'recipes/first-run.yaml is an example.');
  const yaml = parseYaml(source, path);
  const assignments = set.map(parseAssignment);
  let document = withName(yaml.value, path);
  for (const assignment of assignments) document = assign(document, assignment);
  const place = (at: readonly (string | number)[]) => {
    const cause = assignments.findLast((assignment) => overlap(assignment.path, at));
    return cause?.flag ?? `${path}, ${yaml.placeOf(at)}`;
  };
  const nameField = (at: readonly (string | number)[]) => `${place(at)}: ${fieldName(at)}`;
  const folder = dirname(resolve(path));
  const plain = substituteVariables(document, nameField);
  const { document: chosen, notes } = await chooseRates(plain, folder, { signal });
  const recipe = checkRecipe(chosen, nameField);
  const placeOf = (field: string) => {
    const at = fieldPath(recipe, field);
    return at && place(at);
  };
  return { recipe, notes, placeOf, source, path: resolve(path), folder };
}

/** Whether one path is the other or leads through it. */
function overlap(a: readonly (string | number)[], b: readonly (string | number)[]): boolean {
  return a.slice(0, b.length).every((key, depth) => String(key) === String(b[depth]));
}

function withName(document: unknown, path: string): unknown {
  if (!isJsonObject(document) || Object.hasOwn(document, 'name')) return document;
  return { name: basename(path, extname(path)), ...document };
}
