/** What the chains of an ablation are run on: differences of another base or other data would be no differences of stages. */
import { realpath } from 'node:fs/promises';
import { InputError } from '../errors.ts';
import { type Prepared, prepare } from '../recipe/prepare.ts';
import { rebasePaths } from '../recipe/rebase-paths.ts';
import type { Recipe } from '../recipe/schema/recipe.ts';
import type { ChainFolders, ChainOptions, ChainToRun } from './run-chain.ts';

export interface Contents {
  /** Hash of the weights; null for a model that follows from recipe and data, with other weights for each seed. */
  readonly base: string | null;
  /** Hash of all that is learnt from, measured and asked. */
  readonly data: string;
}

export function contentsOf(
  { base }: Pick<Recipe, 'base'>,
  hashes: { readonly base: string; readonly data: string },
): Contents {
  return { base: 'checkpoint' in base ? hashes.base : null, data: hashes.data };
}

/** What a chain would be run on now. @throws as `prepare` */
export async function readContents(
  { recipe, folder }: ChainToRun,
  { run }: ChainFolders,
  { cacheDir, signal, onProgress }: ChainOptions,
): Promise<Contents> {
  const seen = rebasePaths(recipe, { from: await realpath(folder), to: run });
  const { base, dataHash }: Prepared = await prepare(seen, {
    root: run,
    cacheDir,
    signal,
    onProgress,
    // Told by the chains that are run.
    onWarning: () => {},
    purpose: 'inference',
  });
  return contentsOf(recipe, { base: base.key, data: dataHash });
}

/** @param chain the name of one that was run before @throws InputError where it was run on something else */
export function requireSameContents(before: Contents, now: Contents, chain: string): void {
  const changed = (['base', 'data'] as const).find((part) => before[part] !== now[part]);
  if (changed === undefined) return;
  throw new InputError({
    field: changed,
    found: `another content than the chain ${chain} was run on`,
    expected: 'the same base and the same data for all chains',
    fix: `Put the ${changed} back, or ablate in another folder (--out).`,
  });
}
