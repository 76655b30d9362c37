/** Sets of Unicode scalar values: what one character of a text may be. Surrogates are in no text, so in no set. */

/** Inclusive ranges, ascending, neither touching nor overlapping, without surrogates. */
export type CodePointSet = readonly (readonly [low: number, high: number])[];

const LAST = 0x10ffff;
const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;

/** The set of any ranges, in any order. Surrogates are left out. */
export function codePointSet(ranges: Iterable<readonly [number, number]>): CodePointSet {
  const scalars: [number, number][] = [];
  for (const [low, high] of ranges) {
    if (low < FIRST_SURROGATE) scalars.push([low, Math.min(high, FIRST_SURROGATE - 1)]);
    if (high > LAST_SURROGATE) scalars.push([Math.max(low, LAST_SURROGATE + 1), high]);
  }
  scalars.sort((a, b) => a[0] - b[0]);
  const merged: [number, number][] = [];
  for (const [low, high] of scalars) {
    const last = merged.at(-1);
    if (last !== undefined && low <= last[1] + 1) last[1] = Math.max(last[1], high);
    else merged.push([low, high]);
  }
  return merged;
}

export function complement(set: CodePointSet): CodePointSet {
  const gaps: [number, number][] = [];
  let next = 0;
  for (const [low, high] of set) {
    if (low > next) gaps.push([next, low - 1]);
    next = high + 1;
  }
  if (next <= LAST) gaps.push([next, LAST]);
  return codePointSet(gaps);
}

export function without(set: CodePointSet, removed: CodePointSet): CodePointSet {
  return intersection(set, complement(removed));
}

export function intersection(a: CodePointSet, b: CodePointSet): CodePointSet {
  const common: [number, number][] = [];
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const low = Math.max(a[i][0], b[j][0]);
    const high = Math.min(a[i][1], b[j][1]);
    if (low <= high) common.push([low, high]);
    if (a[i][1] < b[j][1]) i++;
    else j++;
  }
  return common;
}

/** The set of the characters of a text. */
export function charactersOf(text: string): CodePointSet {
  return codePointSet(Array.from(text, (character) => [character.codePointAt(0)!, character.codePointAt(0)!] as const));
}

export const EVERY_CHARACTER: CodePointSet = complement([]);
