/** Characters of either text that are compared; the cost is their product. */
const mostCharacters = 4096;

/**
 * 1 - edits / length of the longer text, an edit being a character inserted, deleted or replaced (Levenshtein 1966), of the
 * first 4096 characters of each. 1 for equal texts, also empty ones.
 */
export function editSimilarity(one: string, other: string): number {
  const [a, b] = [one, other].map((text) => Array.from(text.slice(0, 2 * mostCharacters)).slice(0, mostCharacters));
  const longer = Math.max(a.length, b.length);
  return longer === 0 ? 1 : 1 - editDistance(a, b) / longer;
}

function editDistance(a: readonly string[], b: readonly string[]): number {
  // row[j] is the distance of the characters of `a` so far to the first j of `b`.
  const row = Uint32Array.from({ length: b.length + 1 }, (_, j) => j);
  a.forEach((character, i) => {
    let diagonal = row[0];
    row[0] = i + 1;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j];
      row[j] = Math.min(above + 1, row[j - 1] + 1, diagonal + (character === b[j - 1] ? 0 : 1));
      diagonal = above;
    }
  });
  return row[b.length];
}
