/** A set of characters as the byte strings that spell it in UTF-8. */

import type { CodePointSet } from './code-points.ts';

/** Inclusive range of one byte. */
export type ByteRange = readonly [low: number, high: number];

/** The first code points that need 2, 3 and 4 bytes, and the end of Unicode. */
const LENGTH_LIMITS = [0, 0x80, 0x800, 0x10000, 0x110000];
const LEAD_MARKS = [0, 0, 0xc0, 0xe0, 0xf0];

/**
 * Sequences of byte ranges whose products are disjoint and add up to the UTF-8 of the set. Overlong forms, surrogates
 * and what lies beyond U+10FFFF never appear (RFC 3629).
 */
export function utf8Sequences(set: CodePointSet): ByteRange[][] {
  const sequences: ByteRange[][] = [];
  for (const [low, high] of set) {
    for (let length = 1; length <= 4; length++) {
      const from = Math.max(low, LENGTH_LIMITS[length - 1]);
      const to = Math.min(high, LENGTH_LIMITS[length] - 1);
      if (from <= to) split(from, to, length - 1, LEAD_MARKS[length], [], sequences);
    }
  }
  return sequences;
}

/**
 * Appends the sequences of [from, to], numbers written with `tail` continuation bytes of six bits behind a first byte
 * that carries `mark`. Where the first byte can be a range, every tail is possible; the two ends are split further.
 */
function split(
  from: number,
  to: number,
  tail: number,
  mark: number,
  prefix: readonly ByteRange[],
  out: ByteRange[][],
): void {
  if (tail === 0) {
    out.push([...prefix, [mark + from, mark + to]]);
    return;
  }
  const unit = 64 ** tail;
  let first = Math.floor(from / unit);
  let last = Math.floor(to / unit);
  if (first === last) {
    split(from % unit, to % unit, tail - 1, 0x80, [...prefix, [mark + first, mark + first]], out);
    return;
  }
  if (from % unit !== 0) {
    split(from % unit, unit - 1, tail - 1, 0x80, [...prefix, [mark + first, mark + first]], out);
    first++;
  }
  const endsFull = to % unit === unit - 1;
  if (!endsFull) last--;
  if (first <= last) {
    const continuation = Array.from({ length: tail }, (): ByteRange => [0x80, 0xbf]);
    out.push([...prefix, [mark + first, mark + last], ...continuation]);
  }
  if (!endsFull) split(0, to % unit, tail - 1, 0x80, [...prefix, [mark + last + 1, mark + last + 1]], out);
}
