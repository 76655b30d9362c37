/** Which field of a recipe an error is about that was found when the recipe was opened or run. */
import type { Recipe } from './schema/recipe.ts';
import { kindOf } from './schema/stage-names.ts';

type Path = readonly (string | number)[];

/**
 * @param field as errors name it: `data.finance: a.jsonl, line 3`, `base: ..`, or `batch.length of the stage cpt`
 * @returns undefined for what is no field of the recipe, such as a file
 */
export function fieldPath(recipe: Recipe, field: string): Path | undefined {
  const [, ofStage, stage] = /^([\w.]+) of the stage ([\w-]+)(?=$|[:,\s])/.exec(field) ?? [];
  if (stage !== undefined) return pathInStage(recipe, stage, ofStage);
  const [words] = /^[\w-]+(?:\.[\w-]+)*(?=$|[:,\s])/.exec(field) ?? [];
  return words === undefined ? undefined : pathOf(recipe, words.split('.'));
}

function pathInStage({ stages }: Recipe, name: string, field: string): Path | undefined {
  const index = stages.findIndex((stage) => stage.name === name);
  if (index < 0) return undefined;
  return ['stages', index, ...(settingPath(stages[index], field) ?? [])];
}

/** A field of a stage, or of its settings, inside the stage; undefined for what is none. */
export function settingPath(stage: Recipe['stages'][number], field: string): Path | undefined {
  const words = field.split('.');
  return pathOf(stage, words) ?? pathOf(stage, [kindOf(stage), ...words]);
}

/** The words as a path into a document that has all of them. */
function pathOf(document: object, words: readonly string[]): Path | undefined {
  let value: unknown = document;
  const path: (string | number)[] = [];
  for (const word of words) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, word)) return undefined;
    path.push(Array.isArray(value) ? Number(word) : word);
    value = (value as Readonly<Record<string, unknown>>)[word];
  }
  return path;
}
