/** Where a recipe's pairs of queries and documents come from. */
import type { HeldOutRule } from './split-names.ts';

export interface PairFiles {
  /** Files, folders and globs of records with `query`, `positive` and perhaps `negatives`. */
  readonly files: readonly string[];
  /** Pairs with the same document go to the same side. */
  readonly held_out: Pick<HeldOutRule, 'share' | 'seed'>;
  /** Take the first so many only. */
  readonly max_pairs: number | null;
}

export interface PairSource {
  readonly pairs: PairFiles;
}

export const isPairSource = <T extends object>(source: T | PairSource): source is PairSource => 'pairs' in source;
