/** The tokenizer of the result, and how the rows of the models' token tables map to its ids. */

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Companion } from '../plan/merge-plan.ts';
import type { OpenedSlice, OpenedSource } from '../plan/tensor-sources.ts';
import type { MergeRecipe } from '../recipe/merge-recipe.ts';
import type { AdaptedTensor, SourceTensor, StoredTensor } from '../stream/job.ts';

export interface TokenizerPlan {
  /** Files beside the weights. */
  readonly companions: ReadonlyMap<string, Companion>;
  /** Rows of the token tables, where the tokenizer decides them. */
  readonly vocabulary?: number;
  /** A model's token table in the order of the result's ids; absent where the tables stay as they are. */
  readonly align?: (source: OpenedSource, name: string, table: StoredTensor | AdaptedTensor) => SourceTensor;
  readonly warnings: readonly string[];
}

/** Everything but weights and configuration that a model folder may hold and a program that loads it may need. */
const carried =
  /^(tokenizer.*\.json|tokenizer\.model|special_tokens_map\.json|added_tokens\.json|vocab\.(json|txt)|merges\.txt|chat_template.*\.(jinja|json)|generation_config\.json)$/;

export async function planTokenizer(_recipe: MergeRecipe, slices: readonly OpenedSlice[]): Promise<TokenizerPlan> {
  const { folder } = slices[0].lead.opened;
  const names = (await readdir(folder)).filter((name) => carried.test(name)).sort();
  return { companions: new Map(names.map((name) => [name, { path: join(folder, name) }])), warnings: [] };
}
