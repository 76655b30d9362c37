/** What an ablation found, as data. */
import { formatShare } from '../observe/numbers.ts';
import type { Recipe } from '../recipe/schema/recipe.ts';
import type { DifferenceMatrix } from './difference-matrix.ts';
import type { StageCost } from './equal-tokens.ts';

export interface AblatedVariant {
  readonly name: string;
  /** Names of stages; none for the whole chain. */
  readonly dropped: readonly string[];
  /** By seed, what each stage took. */
  readonly costs: readonly (readonly StageCost[])[];
}

export interface Ablation {
  /** The whole chain, with its first seed. */
  readonly recipe: Recipe;
  /** The whole chain first. */
  readonly variants: readonly AblatedVariant[];
  readonly matrix: DifferenceMatrix;
  /** What to type to get it again. */
  readonly command: string;
}

/** Tokens of a chain, on average over seeds. */
export function tokensOf({ costs }: AblatedVariant): number {
  const totals = costs.map((stages) => stages.reduce((sum, { tokens }) => sum + tokens, 0));
  return totals.reduce((a, b) => a + b, 0) / totals.length;
}

/** More than the rounding to whole steps explains. */
const MOST_UNEQUAL = 0.05;

/** What is to be said of chains that were not trained on as much as the whole one, such as by stopping early. */
export function unequalTokens([whole, ...others]: readonly AblatedVariant[]): string[] {
  return others.flatMap((variant) => {
    const share = tokensOf(variant) / tokensOf(whole);
    if (Math.abs(share - 1) <= MOST_UNEQUAL) return [];
    return [
      `${variant.name} was trained on ${formatShare(share)} of the tokens of the whole chain: differences are of tokens too`,
    ];
  });
}
