/**
 * Selection without sorting: quickselect (Hoare 1961), and its form for weighted items. Expected linear time; both reorder
 * what they are given.
 */

/** The `rank`-th largest (from 1) of the first `count` values. */
export function nthLargest(values: Float64Array, count: number, rank: number): number {
  const wanted = rank - 1;
  let low = 0;
  let high = count - 1;
  while (low < high) {
    const pivot = middleOfThree(values[low], values[(low + high) >> 1], values[high]);
    let i = low;
    let j = high;
    while (i <= j) {
      while (values[i] > pivot) i++;
      while (values[j] < pivot) j--;
      if (i > j) break;
      const swapped = values[i];
      values[i++] = values[j];
      values[j--] = swapped;
    }
    if (wanted <= j) high = j;
    else if (wanted >= i) low = i;
    else return pivot;
  }
  return values[low];
}

/**
 * Of the first `count` items, the least key of the shortest leading set, by descending key, whose weights come to at least
 * `mass`. The last key where all of them do not: sums in another order differ in their rounding.
 *
 * @param keys all different
 * @param weights of the items, in the order of the keys; not negative
 */
export function leastKeyOfMass(keys: Float64Array, weights: Float64Array, count: number, mass: number): number {
  let low = 0;
  let high = count - 1;
  /** What the items above this range weigh. */
  let above = 0;
  while (low < high) {
    const pivot = middleOfThree(keys[low], keys[(low + high) >> 1], keys[high]);
    let i = low;
    let j = high;
    while (i <= j) {
      while (keys[i] > pivot) i++;
      while (keys[j] < pivot) j--;
      if (i > j) break;
      const key = keys[i];
      keys[i] = keys[j];
      keys[j] = key;
      const weight = weights[i];
      weights[i++] = weights[j];
      weights[j--] = weight;
    }
    // Now [low, j] is above the pivot and [i, high] below it, up to one of them that is the pivot; or it stands between.
    let left = 0;
    for (let at = low; at <= j; at++) left += weights[at];
    if (above + left >= mass) {
      high = j;
      continue;
    }
    above += left;
    if (i - j === 2) {
      above += weights[j + 1];
      if (above >= mass) return pivot;
    }
    // Still in the range: only of two items can the pivot be the lesser, and then they changed places.
    low = i;
  }
  return keys[low];
}

function middleOfThree(a: number, b: number, c: number): number {
  return a < b ? (b < c ? b : Math.max(a, c)) : a < c ? a : Math.max(b, c);
}
