/**
 * A split divided into documents that are scored and documents that are only ever examples. Which is which depends on
 * what a document says, not on its place, on a seed or on the number of examples: with any of them the same items are
 * scored.
 */
import { createHash } from 'node:crypto';

/**
 * Places of documents to keep for examples: at least `reserve` of them, or all. Those with the same key, such as copies or
 * questions on one page, stay on one side.
 * @param keys what each document is told apart by
 */
export function reservedPlaces(keys: readonly string[], reserve: number): ReadonlySet<number> {
  const groups = new Map<string, number[]>();
  for (const [place, key] of keys.entries()) {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [place]);
    else group.push(place);
  }
  const ordered = [...groups]
    .map(([key, places]) => ({ hash: createHash('sha256').update(key).digest('hex'), places }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1));
  const reserved = new Set<number>();
  for (const { places } of ordered) {
    if (reserved.size >= reserve) break;
    for (const place of places) reserved.add(place);
  }
  return reserved;
}
