/** What an ablation runs: the whole chain and the chains without some of its stages, each with every seed. */
import { UsageError } from '../errors.ts';
import type { Recipe } from '../recipe/schema/recipe.ts';
import { chainOf } from './chain.ts';
import { droppedStages, TOGETHER } from './dropped-stages.ts';
import { type StageCost, wholeChain, withoutStages } from './equal-tokens.ts';

const MOST_SEEDS = 100;

export interface ChosenChains {
  /** See `droppedStages`. */
  readonly drop?: readonly string[];
  /** How many: that of the recipe and those that follow it. Default 1. */
  readonly seeds?: number;
}

interface Variant {
  /** `full`, `without-cpt`, `without-cpt+sft` */
  readonly name: string;
  /** Names of stages; none for the whole chain. */
  readonly dropped: readonly string[];
  /** @param whole what the whole chain took with this seed; undefined for the whole chain itself */
  readonly recipe: (whole: { readonly stages: readonly StageCost[] } | undefined) => Recipe;
}

export interface AblationPlan {
  /** The whole chain, with its first seed. */
  readonly chain: Recipe;
  /** Names of stages that are no part of it. */
  readonly left: readonly string[];
  /** The whole chain first. */
  readonly variants: readonly Variant[];
  readonly seeds: readonly number[];
}

/** @throws UsageError for stages that cannot be dropped, and seeds that are no number from 1 to 100 */
export function planChains(recipe: Recipe, { drop, seeds = 1 }: ChosenChains): AblationPlan {
  const chain = wholeChain(recipe);
  const dropped = droppedStages(recipe, drop);
  const variants = dropped.map((stages): Variant => {
    const name = `without-${stages.join(TOGETHER)}`;
    return { name, dropped: stages, recipe: (whole) => withoutStages(chain, stages, whole!.stages) };
  });
  return {
    chain,
    left: chainOf(recipe).left,
    variants: [{ name: 'full', dropped: [], recipe: () => chain }, ...variants],
    seeds: seedsFrom(recipe.seed, seeds),
  };
}

function seedsFrom(first: number, count: number): number[] {
  if (Number.isInteger(count) && count >= 1 && count <= MOST_SEEDS) {
    return Array.from({ length: count }, (_, i) => first + i);
  }
  throw new UsageError({
    field: '--seeds',
    found: String(count),
    expected: `a whole number from 1 to ${MOST_SEEDS}`,
    fix: 'Five seeds tell most of what more would.',
  });
}
