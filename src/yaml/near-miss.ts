/** What somebody probably meant to write. */

/** The name most like `word`, ignoring case and separators, if at most a third of its letters differ. */
export function nearest(word: string, names: readonly string[]): string | undefined {
  // Hostile words may be long; no honest typo makes a name twice as long.
  const candidates = names.filter((name) => word.length <= 2 * name.length);
  const ranked = candidates
    .map((name) => ({ name, edits: editDistance(plain(word), plain(name)) }))
    .sort((a, b) => a.edits - b.edits);
  const [best] = ranked;
  return best !== undefined && best.edits <= Math.max(1, Math.floor(best.name.length / 3)) ? best.name : undefined;
}

const plain = (name: string): string => name.toLowerCase().replace(/[-_ ]/g, '');

/**
 * Insertions, deletions, replacements and swaps of neighbours that lead from one word to the other (the restricted
 * distance of Damerau 1964), each letter touched once.
 */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let previous = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      row[j] = Math.min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    before = previous;
    previous = row;
  }
  return previous[b.length];
}
