import { type BootstrapOptions, bootstrap, bootstrapStandardError, weightedMean } from './bootstrap.ts';
import type { Interval } from './interval.ts';
import { pairedDifferences, type Scores } from './paired-scores.ts';
import { bootstrapP, expandedPercentileInterval } from './percentile-interval.ts';

export interface PairedComparison extends Interval {
  readonly stderr: number | null;
  /** Two-sided, of no difference. */
  readonly p: number;
  /** Items that both answered, and items that either failed on. */
  readonly n: number;
  readonly missing: number;
}

export interface PairedBootstrapOptions extends BootstrapOptions {
  /** Default 0.95. */
  readonly confidence?: number;
}

/**
 * By how much the second model's mean score is above the first's, on items that are drawn together for both (Koehn 2004),
 * whole clusters at a time where given. The interval is the expanded percentile one, and `p` agrees with it: below
 * 1 - confidence where zero is outside. The value is NaN where nothing can be compared.
 */
export function pairedBootstrap(first: Scores, second: Scores, options: PairedBootstrapOptions): PairedComparison {
  const { differences, clusters, missing } = pairedDifferences(first, second, options.clusters);
  const drawn = bootstrap(differences.length, weightedMean(differences), { ...options, clusters });
  return {
    ...expandedPercentileInterval(drawn, options.confidence),
    stderr: bootstrapStandardError(drawn),
    p: bootstrapP(drawn),
    n: differences.length,
    missing,
  };
}
