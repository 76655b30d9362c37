import { fairCoinCdf, fairCoinProbability } from './distributions/binomial.ts';
import type { Scores } from './paired-scores.ts';

export interface McNemar {
  /** Items that only the first, and only the second model got right. */
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** Two-sided binomial p-value: never too small, with few discordant items much too large. */
  readonly exact: number;
  /** Two-sided mid-p-value: half of the observed table's probability, close to the nominal size with any number. */
  readonly midP: number;
  readonly missing: number;
}

/**
 * McNemar's test (1947) of equal accuracy on the same items, from right (1) and wrong (0); null where an item failed. Given
 * the items on which just one model is right, each is as likely to be either's (Fagerland, Lydersen and Laake 2013). For
 * items that share documents use `signFlipTest` with clusters. Throws for scores that are neither 0 nor 1.
 */
export function mcnemar(first: Scores, second: Scores): McNemar {
  if (first.length !== second.length) throw new Error(`${first.length} and ${second.length} scores are not pairs`);
  let [onlyFirst, onlySecond, missing] = [0, 0, 0];
  first.forEach((a, i) => {
    const b = second[i];
    if (a === null || b === null) missing++;
    else if (!isVerdict(a) || !isVerdict(b)) throw new Error(`item ${i}: ${a} and ${b} are not right or wrong`);
    else if (a > b) onlyFirst++;
    else if (b > a) onlySecond++;
  });
  const discordant = onlyFirst + onlySecond;
  const fewer = Math.min(onlyFirst, onlySecond);
  const twice = 2 * fairCoinCdf(fewer, discordant);
  return {
    onlyFirst,
    onlySecond,
    exact: Math.min(1, twice),
    // Rounding can leave it just above 1.
    midP: Math.min(1, twice - fairCoinProbability(fewer, discordant)),
    missing,
  };
}

function isVerdict(score: number): boolean {
  return score === 0 || score === 1;
}
