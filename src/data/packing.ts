/**
 * Best-fit decreasing bin packing: the longest item first, each into the fullest row that still has room, else into a new row.
 * Uses at most 11/9 of the optimum plus 4 rows (Johnson, 1973), and far less on token counts. Rows are kept in buckets by the
 * room that they have left, so n items take O(n log capacity).
 */

import { LengthSet } from './length-set.ts';

export interface Packing {
  /** Items by row: row r holds `items[rowStarts[r] .. rowStarts[r + 1])`, longest first. */
  readonly items: Int32Array;
  /** Length rows + 1. */
  readonly rowStarts: Int32Array;
}

/** Packs items of the given lengths, each an integer from 1 to `capacity`. Equal input gives equal output. */
export function packBestFitDecreasing(lengths: ArrayLike<number>, capacity: number): Packing {
  const rowOf = new Int32Array(lengths.length);
  const order = byDecreasingLength(lengths, capacity);
  const rooms = new LengthSet(capacity + 1);
  /** For each amount of room, the row that came to it last; `below[row]` is the one before. */
  const top = new Int32Array(capacity + 1).fill(-1);
  const below: number[] = [];

  for (const item of order) {
    const length = lengths[item];
    const room = rooms.atLeast(length);
    let row: number;
    let left: number;
    if (room < 0) {
      row = below.length;
      left = capacity - length;
    } else {
      row = top[room];
      top[room] = below[row];
      if (top[room] < 0) rooms.delete(room);
      left = room - length;
    }
    rowOf[item] = row;
    below[row] = top[left];
    if (left > 0) {
      top[left] = row;
      rooms.add(left);
    }
  }
  return groupByRow(order, rowOf, below.length);
}

/** Counting sort, stable. */
function byDecreasingLength(lengths: ArrayLike<number>, capacity: number): Int32Array {
  const next = new Int32Array(capacity + 2);
  for (let item = 0; item < lengths.length; item++) {
    const length = lengths[item];
    if (!Number.isInteger(length) || length < 1 || length > capacity) {
      throw new Error(`item ${item} of length ${length} does not fit rows of ${capacity}`);
    }
    next[capacity - length + 1]++;
  }
  for (let i = 1; i < next.length; i++) next[i] += next[i - 1];
  const order = new Int32Array(lengths.length);
  for (let item = 0; item < lengths.length; item++) order[next[capacity - lengths[item]]++] = item;
  return order;
}

function groupByRow(order: Int32Array, rowOf: Int32Array, rows: number): Packing {
  const rowStarts = new Int32Array(rows + 1);
  for (const row of rowOf) rowStarts[row + 1]++;
  for (let row = 0; row < rows; row++) rowStarts[row + 1] += rowStarts[row];
  const next = rowStarts.slice();
  const items = new Int32Array(order.length);
  for (const item of order) items[next[rowOf[item]]++] = item;
  return { items, rowStarts };
}
