/** What an ablation found, as data. */
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
