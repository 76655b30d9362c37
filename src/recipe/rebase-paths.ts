/** Paths of a recipe, moved to another folder: they mean the same files, seen from elsewhere. */
import { existsSync } from 'node:fs';
import { isAbsolute, relative, resolve, sep } from 'node:path';
import { looksLikeHubId } from '../checkpoint/hub/hub-id.ts';
import { isTaskFile } from '../eval/run/find-tasks.ts';
import { renameFolders } from './schema/merge.ts';
import type { Recipe } from './schema/recipe.ts';

/** The recipe with paths relative to `to` instead of `from`, both absolute; absolute paths stay as they are. */
export function rebasePaths(recipe: Recipe, { from, to }: { readonly from: string; readonly to: string }): Recipe {
  const move = (path: string): string => (isAbsolute(path) ? path : seenFrom(to, resolve(from, path)));
  // A folder that exists wins over a model of the hub with the same name.
  const isHubId = (name: string): boolean => looksLikeHubId(name) && !existsSync(resolve(from, name));
  // A single word would be taken for a stage.
  const moveFolder = (name: string): string => move(name).replace(/^(?=[^/]*$)/, './');
  const moveTasks = (names: readonly string[]) => names.map((name) => (isTaskFile(name) ? move(name) : name));
  const { base, data, evaluation, stages } = recipe;
  return {
    ...recipe,
    base: moveBase(base, move, isHubId),
    data: Object.fromEntries(Object.entries(data).map(([name, set]) => [name, moveSet(set, { move, moveTasks })])),
    evaluation: { ...evaluation, tasks: { ...evaluation.tasks, on: moveTasks(evaluation.tasks.on) } },
    stages: stages.map((stage) => {
      if ('evaluate' in stage) {
        return { ...stage, evaluate: { ...stage.evaluate, tasks: moveTasks(stage.evaluate.tasks) } };
      }
      if ('merge' in stage) {
        return { ...stage, merge: renameFolders(stage.merge, (name) => (isHubId(name) ? name : moveFolder(name))) };
      }
      if (!('export' in stage) || stage.export.path === null) return stage;
      return { ...stage, export: { ...stage.export, path: move(stage.export.path) } };
    }),
  };
}

type DataSet = Recipe['data'][string];

interface Moves {
  readonly move: (path: string) => string;
  readonly moveTasks: (names: readonly string[]) => string[];
}

function moveSet(set: DataSet, { move, moveTasks }: Moves): DataSet {
  if ('files' in set) return { ...set, files: set.files.map(move) };
  if ('tasks' in set) return { tasks: { ...set.tasks, on: moveTasks(set.tasks.on) } };
  if ('pairs' in set) return { pairs: { ...set.pairs, files: set.pairs.files.map(move) } };
  if (!('conversations' in set)) return set;
  return { conversations: { ...set.conversations, files: set.conversations.files.map(move) } };
}

function moveBase(
  base: Recipe['base'],
  move: (path: string) => string,
  isHubId: (name: string) => boolean,
): Recipe['base'] {
  if ('checkpoint' in base) return isHubId(base.checkpoint) ? base : { checkpoint: move(base.checkpoint) };
  const { tokenizer, ...init } = base.init;
  return { init: { ...init, tokenizer: 'from' in tokenizer ? { from: move(tokenizer.from) } : tokenizer } };
}

/** With '/' on every system, so that the recipe reads the same; absolute where Windows has it on another drive. */
function seenFrom(folder: string, path: string): string {
  return relative(folder, path).split(sep).join('/') || '.';
}
