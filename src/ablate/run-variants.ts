/** Chains that are compared: several variants of a recipe, each with every seed. */
import type { Recipe } from '../recipe/schema/recipe.ts';
import { type Contents, readContents, requireSameContents } from './contents.ts';
import { type ChainFolders, type ChainOptions, type ChainResult, runChain } from './run-chain.ts';

export interface Variant {
  readonly name: string;
  /** @param first what the first variant gave with this seed; undefined for the first itself */
  readonly recipe: (first: ChainResult | undefined) => Recipe;
}

interface ChainProgress {
  readonly variant: string;
  readonly seed: number;
  /** From 1. */
  readonly number: number;
  readonly total: number;
  /** Of this chain and all that follow; undefined before one has ended. */
  readonly secondsLeft: number | undefined;
}

export interface VariantsOptions extends ChainOptions {
  readonly seeds: readonly number[];
  readonly folders: ChainFolders;
  /** Folder that paths of the recipes are relative to. */
  readonly root: string;
  /** Told when a chain begins. */
  readonly onChain: (progress: ChainProgress) => void;
}

/**
 * Seed after seed, so that the first comparison is there early.
 * @returns by variant, the results of all seeds
 * @throws InputError where base or data changed since a chain was run; and as `runChain`
 */
export async function runVariants(
  variants: readonly Variant[],
  { seeds, folders, root, onChain, ...running }: VariantsOptions,
): Promise<ChainResult[][]> {
  const results = variants.map((): ChainResult[] => []);
  const total = variants.length * seeds.length;
  let [done, seconds] = [0, 0];
  let contents: Contents | undefined;
  for (const seed of seeds) {
    let first: ChainResult | undefined;
    for (const [place, { name, recipe }] of variants.entries()) {
      // At equal tokens chains are about equally long.
      const secondsLeft = done === 0 ? undefined : (seconds / done) * (total - done);
      onChain({ variant: name, seed, number: done + 1, total, secondsLeft });
      const chain = { name: `${name}-seed-${seed}`, recipe: { ...recipe(first), seed }, folder: root };
      const result = await runChain(chain, folders, running);
      // What was run earlier is looked at before anything is run beside it.
      contents ??= result.isKnown ? await readContents(chain, folders, running) : result.contents;
      requireSameContents(result.contents, contents, chain.name);
      results[place].push(result);
      first ??= result;
      done++;
      seconds += result.seconds;
    }
  }
  return results;
}
