/**
 * Paired permutation test of no difference between two models (Fisher 1935, section 21): if there were none, the two
 * scores of an item might as well have come from the other model, so each difference might have had the other sign. The
 * differences of a cluster change their signs together.
 */
import { stream } from '../../random/stream.ts';
import type { BootstrapOptions } from './bootstrap.ts';
import { clusterSums, clustersOf } from './clusters.ts';
import { pairedDifferences, type Scores } from './paired-scores.ts';
import { drawsOf } from './resample.ts';

export interface SignFlipTest {
  /** Mean of second minus first; NaN without pairs. */
  readonly value: number;
  /** Two-sided. */
  readonly p: number;
  /** Whether all sign patterns were looked at, as they are where there are no more than draws. */
  readonly exact: boolean;
  readonly n: number;
  readonly missing: number;
}

export function signFlipTest(first: Scores, second: Scores, options: BootstrapOptions): SignFlipTest {
  const draws = drawsOf(options);
  const { differences, clusters, missing } = pairedDifferences(first, second, options.clusters);
  const n = differences.length;
  // A cluster without difference is the same with either sign.
  const sums = clusterSums(differences, clustersOf(n, clusters)).filter((sum) => sum !== 0);
  const total = sums.reduce((a, b) => a + b, 0);
  const value = n === 0 ? Number.NaN : total / n;
  // What differs from the total by rounding only is as extreme as the total.
  const extreme = Math.abs(total) * (1 - 1e-12);
  const exact = 2 ** sums.length <= draws;
  const patterns = exact ? 2 ** sums.length : draws;
  const signs = exact ? enumeratedSigns(sums.length) : randomSigns(sums.length, options);
  let asExtreme = 0;
  for (let pattern = 0; pattern < patterns; pattern++) {
    const words = signs(pattern);
    let flipped = 0;
    for (let i = 0; i < sums.length; i++) if ((words[i >>> 5] >>> (i & 31)) & 1) flipped += sums[i];
    if (Math.abs(total - 2 * flipped) >= extreme) asExtreme++;
  }
  // Of random patterns, the one observed is one more (Phipson and Smyth 2010).
  const p = exact ? asExtreme / patterns : (asExtreme + 1) / (patterns + 1);
  return { value, p, exact, n, missing };
}

/** One bit for each cluster, 32 in a word: set where its sign changes. */
type Signs = (pattern: number) => Uint32Array;

function enumeratedSigns(count: number): Signs {
  // No more than a million patterns are enumerated, so a word holds them.
  const words = new Uint32Array(Math.max(1, Math.ceil(count / 32)));
  return (pattern) => {
    words[0] = pattern;
    return words;
  };
}

function randomSigns(count: number, { seed, label }: BootstrapOptions): Signs {
  const random = stream(seed, 'sign-flip', label);
  const words = new Uint32Array(Math.ceil(count / 32));
  return () => {
    for (let i = 0; i < words.length; i++) words[i] = random.uint32();
    return words;
  };
}
