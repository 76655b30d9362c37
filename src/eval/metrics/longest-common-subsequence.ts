/** Longest common subsequences of token lists, by the table of Wagner and Fischer (1974). */

/** Length alone; memory for one row. */
export function lcsLength(first: readonly string[], second: readonly string[]): number {
  const [a, b] = asNumbers(first, second);
  // row[j] is the length for the tokens of `a` so far and the first j of `b`.
  const row = new Uint32Array(b.length + 1);
  for (const token of a) {
    let diagonal = 0;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j];
      row[j] = b[j - 1] === token ? diagonal + 1 : Math.max(above, row[j - 1]);
      diagonal = above;
    }
  }
  return row[b.length];
}

/** Which list a step back from the end of the table shortens. */
const both = 0;
const onlyFirst = 1;
const onlySecond = 2;

/**
 * Places in `first` of one longest common subsequence, descending. Of several, the one that is found from the end when ties
 * shorten `first`, as rouge-score does. One byte for each pair of tokens.
 */
export function lcsPlaces(first: readonly string[], second: readonly string[]): number[] {
  const [a, b] = asNumbers(first, second);
  const columns = b.length;
  const steps = new Uint8Array(a.length * columns);
  const row = new Uint32Array(columns + 1);
  for (let i = 0; i < a.length; i++) {
    let diagonal = 0;
    for (let j = 1; j <= columns; j++) {
      const above = row[j];
      const equal = a[i] === b[j - 1];
      steps[i * columns + j - 1] = equal ? both : row[j - 1] > above ? onlySecond : onlyFirst;
      row[j] = equal ? diagonal + 1 : Math.max(above, row[j - 1]);
      diagonal = above;
    }
  }
  const places: number[] = [];
  for (let i = a.length, j = columns; i > 0 && j > 0; ) {
    const step = steps[(i - 1) * columns + j - 1];
    if (step === both) places.push(i - 1);
    if (step !== onlySecond) i--;
    if (step !== onlyFirst) j--;
  }
  return places;
}

/** Equal tokens become equal numbers, which compare faster. */
function asNumbers(first: readonly string[], second: readonly string[]): [Uint32Array, Uint32Array] {
  const known = new Map<string, number>();
  const number = (token: string) => {
    const index = known.get(token) ?? known.size;
    known.set(token, index);
    return index;
  };
  return [Uint32Array.from(first, number), Uint32Array.from(second, number)];
}
