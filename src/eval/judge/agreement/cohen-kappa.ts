/** Agreement of two raters beyond what their own habits would give by chance. */

export type KappaWeights = 'none' | 'linear' | 'quadratic';

/**
 * Cohen (1960), weighted as in Cohen (1968): 1 - sum(w O) / sum(w E) with O the observed shares of pairs, E those of
 * independent raters with the same habits, and w the weight of a disagreement: 1, |i - j| or (i - j)^2 by the places of
 * the two values in `scale`. 1 is perfect, 0 chance. NaN without items, and where both raters always give the same one value.
 * @param scale every possible value, in order
 */
export function cohenKappa<T>(
  a: readonly T[],
  b: readonly T[],
  scale: readonly T[],
  weights: KappaWeights = 'none',
): number {
  if (a.length !== b.length) throw new Error(`${a.length} and ${b.length} ratings`);
  const placesA = a.map((value) => placeOf(value, scale));
  const placesB = b.map((value) => placeOf(value, scale));
  const weight = weightOf(weights);
  let observed = 0;
  for (const [i, place] of placesA.entries()) observed += weight(place, placesB[i]);
  const [countsA, countsB] = [histogram(placesA, scale.length), histogram(placesB, scale.length)];
  let expected = 0;
  for (const [i, countA] of countsA.entries()) {
    for (const [j, countB] of countsB.entries()) expected += (weight(i, j) * countA * countB) / a.length;
  }
  return 1 - observed / expected;
}

function placeOf<T>(value: T, scale: readonly T[]): number {
  const place = scale.indexOf(value);
  if (place < 0) throw new Error(`the rating ${String(value)} is not on the scale`);
  return place;
}

function weightOf(weights: KappaWeights): (i: number, j: number) => number {
  if (weights === 'none') return (i, j) => Number(i !== j);
  return weights === 'linear' ? (i, j) => Math.abs(i - j) : (i, j) => (i - j) ** 2;
}

function histogram(places: readonly number[], size: number): number[] {
  const counts = new Array<number>(size).fill(0);
  for (const place of places) counts[place]++;
  return counts;
}
