/** Agreement of any number of raters, with any of their ratings missing. */

export type AlphaLevel = 'nominal' | 'ordinal' | 'interval';

/**
 * Krippendorff (2011), "Computing Krippendorff's alpha-reliability": 1 - D_o / D_e over the pairs of ratings of the same
 * item and over all pairs. Differences between values c and k: `nominal` 0 or 1; `interval` (c - k)^2; `ordinal` the
 * square of how many ratings lie from c to k, each end counted half. 1 is perfect, 0 chance. NaN where no item has two
 * ratings, and where all ratings are the same.
 * @param ratings by rater, then by item; null for missing
 */
export function krippendorffAlpha(
  ratings: readonly (readonly (number | null)[])[],
  level: AlphaLevel = 'ordinal',
): number {
  const items = pairableItems(ratings);
  const values = [...new Set(items.flat())].sort((a, b) => a - b);
  const placed = items.map((item) => item.map((value) => values.indexOf(value)));
  const counts = new Array<number>(values.length).fill(0);
  for (const place of placed.flat()) counts[place]++;
  const difference = differences(values, counts, level);
  const total = placed.flat().length;
  let observed = 0;
  for (const item of placed) observed += pairSum(item, difference) / (item.length - 1);
  let expected = 0;
  for (const [c, ofC] of counts.entries()) {
    for (const [k, ofK] of counts.entries()) expected += (ofC * ofK * difference[c][k]) / (total - 1);
  }
  return 1 - observed / expected;
}

/** A rating that is alone with its item says nothing about agreement. */
function pairableItems(ratings: readonly (readonly (number | null)[])[]): number[][] {
  const items = Math.max(0, ...ratings.map((ofRater) => ofRater.length));
  return Array.from({ length: items }, (_, item) => ratings.map((ofRater) => ofRater[item] ?? null))
    .map((ofItem) => ofItem.filter((value) => value !== null))
    .filter((ofItem) => ofItem.length > 1);
}

function pairSum(item: readonly number[], difference: readonly (readonly number[])[]): number {
  let sum = 0;
  for (const c of item) for (const k of item) sum += difference[c][k];
  return sum;
}

/** By the places of both values. */
function differences(values: readonly number[], counts: readonly number[], level: AlphaLevel): number[][] {
  return values.map((c, i) =>
    values.map((k, j) => {
      if (level === 'nominal') return Number(i !== j);
      if (level === 'interval') return (c - k) ** 2;
      const between = counts.slice(Math.min(i, j), Math.max(i, j) + 1).reduce((sum, count) => sum + count, 0);
      return (between - (counts[i] + counts[j]) / 2) ** 2;
    }),
  );
}
